import { writeFileSync } from 'node:fs';
import { renderReference } from '../src/config/reference.ts';
import { cloudSchema } from '../src/config/schema.ts';
import { loadCatalogue } from '../src/resolve/catalogue.ts';
import { projectRoot } from '../src/root.ts';

const schema = cloudSchema(await loadCatalogue(projectRoot()));
writeFileSync(new URL('../docs/configuration.md', import.meta.url), renderReference(schema));
