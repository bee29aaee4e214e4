import { GantryError } from '../errors.ts';

/** What the system says of files, disks and directories: the environment's doing, and no defect. */
const reasons: Record<string, string> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the device fails',
  EISDIR: 'it is a directory',
  ENOENT: 'it is not there',
  ENOSPC: 'no space is left on the device',
  ENOTDIR: 'a part of the path is no directory',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
};

/** An error of the system about a file as one for users; anything else as it is. */
export function explainSystemError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const { code = '', syscall = '', path } = thrown as NodeJS.ErrnoException;
  const why = reasons[code];
  if (why === undefined) return thrown;
  if (syscall.endsWith('cwd')) {
    return new GantryError({
      code: 'cwd.gone',
      whose: 'environment',
      message: 'the working directory is not there any more: change to one that is',
      cause: thrown,
    });
  }
  if (path === undefined && syscall !== 'write') return thrown;
  const message = path === undefined ? 'the output cannot be written' : `cannot use ${path}`;
  return new GantryError({
    code: 'system.file',
    whose: 'environment',
    message: `${message}: ${why} (${code})`,
    cause: thrown,
  });
}
