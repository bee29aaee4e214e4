import { expectTypeOf, test } from 'vitest';
import type { Command, CommandPath } from './command.ts';

type OptionsOf<P extends CommandPath> = Parameters<Command<P>>[0];
type ArgumentsOf<P extends CommandPath> = Parameters<Command<P>>[1];

test('the options of a command are those of its row', () => {
  expectTypeOf<OptionsOf<'up'>['dryRun']>().toEqualTypeOf<boolean | undefined>();
  expectTypeOf<OptionsOf<'up'>['timeline']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<OptionsOf<'verify'>['tempest']>().toEqualTypeOf<string | true | undefined>();
  expectTypeOf<OptionsOf<'runs list'>['output']>().toEqualTypeOf<'table' | 'json'>();
  expectTypeOf<OptionsOf<'runs list'>['progress']>().toEqualTypeOf<'auto' | 'plain' | 'json'>();
  expectTypeOf<OptionsOf<'up'>>().not.toHaveProperty('volumes');
  // @ts-expect-error no row has such an option
  expectTypeOf<OptionsOf<'down'>['volume']>();
});

test('its arguments are as its row says how many there may be', () => {
  expectTypeOf<ArgumentsOf<'images push'>>().toEqualTypeOf<[string | undefined, string[]]>();
  expectTypeOf<ArgumentsOf<'exec'>>().toEqualTypeOf<[string, string[]]>();
  expectTypeOf<ArgumentsOf<'version'>>().toEqualTypeOf<[]>();
});
