import { everything } from '../../../lambdas/domain/access/caller.ts'
import { programRights } from '../../../lambdas/domain/access/roles.ts'
import { codesOf, markingAsked, whoDoes } from '../arguments.ts'
import type { CliContext } from '../home/context.ts'
import { utcMinute } from '../output/tables.ts'
import { say } from '../output/terminal.ts'
import { command, group, list } from '../table.ts'
import { argument, author, option } from '../words.ts'

const name = argument('<name>', 'of the program')
const by = author('author, kept in the history')

const tokensHere = async ({ stage, table }: CliContext) => {
  const { programTokensIn } = await import('../../../lambdas/usecases/program-tokens.local.ts')
  if (stage === undefined) return programTokensIn(table)
  throw new Error('--stage: leave it out; programs reach a stage by its setting api (docs/reference/api.md)')
}

export const tokenCommands = [
  group('tokens', 'access of programs to the API of vigie serve'),
  command('tokens add', {
    description: 'make a token for a program, and print it this one time',
    takes: {
      name,
      scopes: option('--scope <right...>', 'what the program may do').oneOf(programRights).needed(),
      territories: option('--territory <place...>', 'codes, names or groups').needed().read(codesOf),
      clearance: option('--clearance <tlp>', 'highest marking that it may read').needed().read(markingAsked),
      expires: option('--expires <when>', 'last day (UTC), such as 2027-06-30, or a duration, such as P90D').filled(),
      by,
    },
    run: async ({ by, ...given }, context) => {
      const author = await whoDoes({ by })
      const value = await (await tokensHere(context)).add(given, author.by, everything, context.services.clock())
      say('Keep it now: only its hash is stored. The program sends it as Authorization: Bearer …')
      return { value, lines: [value.token] }
    },
  }),
  list('tokens list', {
    description: 'tokens of programs: rights, last use, end; never the token itself',
    read: async (_, context) => (await tokensHere(context)).all(),
    columns: {
      Name: ({ name }) => name,
      Rights: ({ scopes, territories, clearance }) => [...scopes, ...territories, clearance].join(' '),
      Made: ({ madeAt, madeBy }) => `${utcMinute(madeAt)} by ${madeBy}`,
      'Last used': ({ usedAt }) => (usedAt === undefined ? 'never' : utcMinute(usedAt)),
      Until: ({ until = '', revokedAt }) => (revokedAt ? `revoked ${utcMinute(revokedAt)}` : until && utcMinute(until)),
    },
  }),
  command('tokens revoke', {
    description: 'end a token at once, also for a running server',
    takes: { name, by },
    run: async ({ name, by }, context) => {
      const author = await whoDoes({ by })
      const value = await (await tokensHere(context)).revoke(name, author.by, context.services.clock())
      return { value, lines: [`${value.name}: revoked ${value.revokedAt} by ${value.revokedBy}`] }
    },
  }),
]
