import { InvalidArgumentError } from 'commander'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import { codesOf, observedAsked, whoDoes } from '../arguments.ts'
import type { CliContext } from '../home/context.ts'
import { byWhom, say } from '../output/terminal.ts'
import { type Asked, command, group } from '../table.ts'
import { argument, author, flag, option } from '../words.ts'
import { rejectLine } from './ingest.ts'

type Services = CliContext['services']

const id = argument('<id>', 'of the detection')

const replying = {
  reply: option(
    '--reply <text...>',
    'add a reply by the party that its attribution names, by language: fr=… en=…; earlier replies are kept',
  ),
  replyBy: option('--reply-by <name>', 'author of the reply').filled(),
  replyDate: option('--reply-date <date>', 'date of the reply: a day, a month or a year').filled(),
  replySource: option('--reply-source <title>', 'title of its source').filled(),
  replyUrl: option('--reply-url <address>', 'address of an archived copy').filled(),
  replyMarking: option('--reply-marking <TLP>', 'marking of the reply, if stricter than the detection’s').filled(),
}

export const intakeCommands = [
  command('withdraw', {
    description: 'exclude a detection from all later reports; earlier ones do not change',
    takes: {
      id,
      reason: option('--reason <text>', 'kept with the withdrawal').filled().needed(),
      by: author('author, kept in the history'),
    },
    run: async ({ id, ...whose }, context) => withdrawOne(id, await whoDoes(whose), context),
  }),
  command('correct', {
    description: 'correct fields of a detection; the correction overrides what the detector sends later',
    takes: {
      id,
      set: option(
        '--set <field=value...>',
        'new value as in a table cell: counts.posts="≥ 5000", title.fr=…, territories=NC',
      ),
      ...replying,
      by: author('author, kept with each field').needed(),
      reason: option('--reason <text>', 'reason, kept with each field').filled().needed(),
    },
    check: ({ id, set, by, reason, ...words }) => {
      const reply = replyIn(words)
      if ((set === undefined) === (reply === undefined))
        throw new InvalidArgumentError('give --set for fields, or --reply for a reply: one of both at a time')
      return { id, by, reason, reply, cells: cellsIn(set ?? []) }
    },
    run: async ({ reply, cells, ...asked }, context) => {
      const { services } = context
      const { correctDetection, CorrectionWordError } =
        await import('../../../lambdas/usecases/ingest/edit/correct-detection.ts')
      const { operator, pseudonymsOf } = await import('../ingest-files.ts')
      const who = { ...asked, sender: operator }
      const correct = async () => {
        if (reply) {
          const { addReply } = await import('../../../lambdas/usecases/ingest/edit/add-reply.ts')
          return addReply({ ...who, reply }, services)
        }
        // Counts of accounts contain no account names.
        const namesAccounts = Object.keys(cells).some((name) => /account/i.test(name) && !/^counts\./i.test(name))
        const pseudonym = namesAccounts ? await pseudonymsOf(context) : (account: string) => account
        return correctDetection({ ...who, cells, pseudonym }, services)
      }
      const corrected = await correct().catch((error: unknown) => {
        throw error instanceof CorrectionWordError
          ? new InvalidArgumentError(`${reply ? '--reply' : '--set'}: ${error.message}`)
          : error
      })
      const { outcome, batch, over = [] } = corrected
      const outcomes = {
        revised: `${asked.id} is corrected (batch ${batch})`,
        duplicate: `${asked.id} has that already`,
        contested: `${asked.id} waits for a decision: see vigie inbox list`,
      }
      return {
        ok: outcome !== 'contested',
        value: { id: asked.id, outcome, batch, corrections: await services.detections.corrections(asked.id), over },
        lines: [
          outcomes[outcome],
          ...over.map(({ field, by, at }) => `  replaces the ${field} of ${by} at ${at}`),
          ...(await unknownPlates(asked.id, cells, services)).map(
            (hash) => `no evidence image ${hash} is known: see vigie plates list`,
          ),
        ],
      }
    },
  }),
  group('rejects', 'records that could not be stored'),
  command('rejects export', {
    description: 'rejected records with their reasons as NDJSON: edit "raw" in each, then retry',
    run: async (_, { services }) => {
      const value = await Array.fromAsync(services.rejects.open(), ({ fault: _, ...reject }) => reject)
      return { value, lines: value.map((reject) => JSON.stringify(reject)) }
    },
  }),
  command('rejects retry', {
    description: 'import rejects again: all unchanged, or those edited in a file',
    takes: {
      file: argument('[file]', 'the edited output of vigie rejects export; - is standard input'),
      territories: option('--territory <code...>', 'as for ingest, instead of what was stated then').read(codesOf),
      observed: option('--observed <period|from..to>', 'as for ingest, instead of what was stated then').read(
        observedAsked,
      ),
      rules: option('--rules <json>', 'as for ingest'),
      aliases: option('--aliases <json>', 'as for ingest'),
      keepNames: flag('--keep-account-names', 'as for ingest'),
      by: author('author, kept with the batch'),
    },
    run: async (asked, context) => {
      const { retryFile } = await import('../ingest-files.ts')
      const retried = await retryFile(asked, context)
      const { tried, resolved, rejected, left, already, unread, batch, failure } = retried
      if (failure !== undefined) say(failure)
      return {
        ok: rejected + left + unread.length === 0 && failure === undefined,
        value: retried,
        lines: [
          `${plural(tried, 'reject')} tried: ${resolved} stored, ${rejected} rejected again; ${left} cannot be tried alone, ${already} were stored before`,
          ...(resolved > 0 ? [`  batch ${batch}`] : []),
          ...retried.rejects.map((reject) => `  rejected: ${rejectLine(reject)}`),
          ...unread.map(({ line, message }) => `  line ${line} ${message}`),
        ],
      }
    },
  }),
]

export const withdrawOne = async (
  id: string,
  who: { readonly by: string; readonly reason: string },
  { services, caller }: CliContext,
) => {
  const { partsOf } = await import('../../../lambdas/usecases/detections/parts-of.ts')
  const { whoChanged } = await import('../../../lambdas/usecases/todo/who-was-faster.ts')
  const { detections, clock } = services
  const withdrawn = await detections.withdraw(id, who, clock())
  const whole = await (await detections.stored([id])).get(id)?.body()
  const parts = whole ? await partsOf(whole, caller, services) : []
  const before = withdrawn ? undefined : await whoChanged(id, caller, services)
  return {
    value: { id, withdrawn: true as const, already: !withdrawn, parts },
    lines: [
      withdrawn ? `${id} is withdrawn` : `${id} was withdrawn already${byWhom(before)}`,
      ...(parts.length > 0 ? [`  its parts count for themselves now: ${parts.join(', ')}`] : []),
    ],
  }
}

const replyIn = (words: Asked<typeof replying>) => {
  const { reply, replyBy, replyDate, replySource, replyUrl, replyMarking } = words
  const given = Object.values(words).some((one) => one !== undefined)
  if (!given) return undefined
  if (!reply || replyBy === undefined || replyDate === undefined || replySource === undefined) {
    throw new InvalidArgumentError('a reply takes --reply, --reply-by, --reply-date and --reply-source')
  }
  return {
    ...{ by: replyBy, text: Object.fromEntries(reply.map(textIn)), date: replyDate },
    source: { title: replySource, ...(replyUrl !== undefined && { archiveUrl: replyUrl }) },
    ...(replyMarking !== undefined && { marking: replyMarking }),
  }
}

/** `fr=…`; a text without a language is `und`. */
const textIn = (written: string): readonly [string, string] => {
  const [, language = 'und', text = written] = /^([a-z]{2,3})=(.*)$/s.exec(written) ?? []
  return [language, text]
}

/** Returns unknown image hashes. An image may be added after its detection. */
const unknownPlates = async (
  id: string,
  cells: Readonly<Record<string, string>>,
  { detections, plates }: Services,
): Promise<readonly string[]> => {
  if (cells.plates === undefined) return []
  const named = (await detections.latest(id))?.plates ?? []
  const known = new Set((await plates.named(named)).map(({ sha256 }) => sha256))
  return named.filter((hash) => !known.has(hash))
}

const cellsIn = (set: readonly string[]): Readonly<Record<string, string>> => {
  const cells = new Map<string, string>()
  for (const [name, cell] of set.map(cellIn)) {
    const before = cells.get(name)
    if (before !== undefined) {
      const both = `${JSON.stringify(before)} and ${JSON.stringify(cell)}`
      throw new InvalidArgumentError(`--set: ${name} is given twice, as ${both}: give it once`)
    }
    cells.set(name, cell)
  }
  return Object.fromEntries(cells)
}

/** `counts.posts=5000` */
const cellIn = (written: string): readonly [string, string] => {
  const at = written.indexOf('=')
  if (at > 0 && written.slice(at + 1).trim() !== '') return [written.slice(0, at).trim(), written.slice(at + 1)]
  throw new InvalidArgumentError(
    `--set: write it like counts.posts=5000, or summary.fr=- to empty it, and not ${JSON.stringify(written)}`,
  )
}
