/** Installs and starts Docker Engine as `gantry up --install-engine` does, for tests that need it before any cloud. */
import { installEngine } from '../engines/docker/install.ts';

await installEngine({
  environment: process.env,
  onProgress: (text) => {
    process.stderr.write(`${text}\n`);
  },
});
