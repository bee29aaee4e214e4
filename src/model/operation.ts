import type { ServiceDeclaration } from './declaration.ts';
import type { RenderedSections } from './oslo.ts';

/** What an operation may use of a cloud that is up. */
export interface OperationContext {
  /** Runs a command in a process; resolves to its output, throws with it where it fails. */
  exec(process: string, command: string[]): Promise<string>;
  /** A file of oslo.config as a process reads it, what cloud.yaml says included; empty where it has no such file. */
  sections(process: string, path: string): RenderedSections;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Keys of a service that are changed while it is in use, by `gantry rotate NAME`. */
export interface Rotation {
  name: string;
  /** Which keys they are, for help. */
  summary: string;
  /** Looks at what is there. Throws a GantryError where the keys must not be changed now. */
  prepare(context: OperationContext): Promise<PreparedRotation>;
}

/**
 * A key among the cloud's secrets that is changed while it is in use. The service's processes read with every one of
 * `RenderContext.keys`, and write with the first. Another is added behind it, so that all of them can read what will be
 * written with it, then put first; what is left of the one before is written anew, and that one is forgotten. Where nothing is
 * written anew, such as URLs that others have, the one before stays until the next time.
 */
export interface SecretRotation extends Pick<Rotation, 'name' | 'summary'> {
  secret: string;
  /** When the cloud has it, in words, where it need not. */
  there?: string;
  description: string;
  outcome: string;
  /** Writes anew what the first key has not written. Fails where the first key alone would not read all there is. */
  renew?: { process: string; command: readonly string[] };
}

/**
 * Keys of users that a service lets in itself, such as a storage cluster, while they are in use. Each user has two names that
 * take turns (`RenderContext.logins`). The name that is not in use is given a new key, then processes are given that name. The
 * one from before stays valid until the next time: what a server has open stays open. So the next time is refused while a
 * server still has something open by it.
 */
export interface LoginRotation extends Pick<Rotation, 'name' | 'summary'> {
  /** The users by their own names, with the secrets that are their keys. */
  users(declared: Required<ServiceDeclaration>): readonly { user: string; secret: string }[];
  description: string;
  outcome: string;
}

/** A rotation that whoever asked for it may still refuse. */
export interface PreparedRotation {
  /** What will be so afterwards, and what becomes of that which is in use. */
  description: string;
  /** Said once it has run. */
  outcome: string;
  run(): Promise<void>;
}

/**
 * What a service keeps and nothing needs any more, removed by `gantry collect NAME` while the service is in use: what is
 * added meanwhile might be taken for such, so nobody adds anything from before the beginning to after the end.
 */
export interface Collection {
  name: string;
  /** What it is, for help. */
  summary: string;
  /** What will be removed, and what users notice until then. */
  description: string;
  /** Settings by which nobody adds anything: of sections of cloud.yaml, these keys. */
  meanwhile: Readonly<Record<string, object>>;
  /** It goes by lists of objects, which have to be complete before. */
  listsObjects?: true;
  /** Run once, with the image, the files and the connections of this process. */
  process: string;
  command: readonly string[];
  /** What was removed, from what the command wrote. */
  outcome(output: string): string;
}

export type AnyRotation = Rotation | SecretRotation | LoginRotation;

/** What operators can do with a service: the default export of `catalogue/SERVICE/operations.ts`. */
export interface ServiceOperations {
  rotations?: readonly AnyRotation[];
  collections?: readonly Collection[];
}
