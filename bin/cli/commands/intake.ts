import { type Command, InvalidArgumentError } from 'commander'
/** The commands that look after what could not be placed or stored, and take a detection back. */
import { eachOf, faultText } from '../../../lambdas/domain/core/fault.ts'
import { pushAll } from '../../../lambdas/domain/core/lists.ts'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import type { ListedContested } from '../answers.ts'
import { codesOf, notEmpty, wholeNumber } from '../arguments.ts'
import { run } from '../run.ts'
import { byWhom, say } from '../terminal.ts'
import { whoDoes } from '../who.ts'
import { type Analysts, type IngestWords, placesOf, rejectLine, statedIn, whyOf } from './ingest.ts'

export const intakeCommands = (vigie: Command): void => {
  withdrawCommand(vigie)
  correctCommand(vigie)
  contestedCommands(vigie)
  unplacedCommands(vigie)
  rejectsCommands(vigie)
}

const withdrawCommand = (vigie: Command): void => {
  vigie
    .command('withdraw')
    .description('keep a detection out of every later report; the earlier ones stay as they are')
    .argument('<id>', 'of the detection')
    .requiredOption('--reason <text>', 'kept with the withdrawal', notEmpty('--reason'))
    .option('--by <name>', 'who withdraws it: kept in the history', notEmpty('--by'))
    .action(async (id: string, { reason, by }: { reason: string; by?: string }, command: Command) =>
      run('withdraw', command, async ({ services }) => {
        const { partsOf } = await import('../../../lambdas/usecases/detections/parts-of.ts')
        const { everything } = await import('../../../lambdas/domain/access/caller.ts')
        const withdrawn = await services.detections.withdraw(
          id,
          { ...(await whoDoes({ by })), reason },
          services.clock(),
        )
        const whole = await (await services.detections.stored([id])).get(id)?.body()
        const parts = whole ? await partsOf(whole, everything, services) : []
        const { whoChanged } = await import('../../../lambdas/usecases/todo/who-was-faster.ts')
        const who = withdrawn ? undefined : await whoChanged(id, everything, services)
        return {
          value: { id, withdrawn: true, already: !withdrawn, parts },
          lines: [
            withdrawn ? `${id} is withdrawn` : `${id} was withdrawn already${byWhom(who)}`,
            ...(parts.length > 0 ? [`  its parts count for themselves now: ${parts.join(', ')}`] : []),
          ],
        }
      }),
    )
}

type Corrected = {
  readonly set?: readonly string[]
  readonly by: string
  readonly reason: string
} & ReplyWords

type ReplyWords = {
  readonly reply?: readonly string[]
  readonly replyBy?: string
  readonly replyDate?: string
  readonly replySource?: string
  readonly replyUrl?: string
  readonly replyMarking?: string
}

const correctCommand = (vigie: Command): void => {
  vigie
    .command('correct')
    .description('say otherwise of single fields of a detection than its detector: it holds over what that sends later')
    .argument('<id>', 'of the detection')
    .option('--set <field=value...>', 'as a cell of a sheet says it: counts.posts="≥ 5000", title.fr=…, territories=NC')
    .option(
      '--reply <text...>',
      'add what whom its attribution names says to it, by language: fr=… en=…; the replies that stand stay',
    )
    .option('--reply-by <name>', 'who replies', notEmpty('--reply-by'))
    .option('--reply-date <date>', 'when: a day, a month or a year', notEmpty('--reply-date'))
    .option('--reply-source <title>', 'where it stands', notEmpty('--reply-source'))
    .option('--reply-url <address>', 'of a copy', notEmpty('--reply-url'))
    .option('--reply-marking <TLP>', 'where it is stricter than the detection’s', notEmpty('--reply-marking'))
    .requiredOption('--by <name>', 'who says so: it is kept with each field', notEmpty('--by'))
    .requiredOption('--reason <text>', 'why: kept with each field', notEmpty('--reason'))
    .action(async (id: string, { set, by, reason, ...words }: Corrected, command: Command) => {
      const reply = replyIn(words)
      if ((set === undefined) === (reply === undefined)) {
        throw new InvalidArgumentError('give --set for fields, or --reply for a reply: one of both at a time')
      }
      const cells = cellsIn(set ?? [])
      await run('correct', command, async (context) => {
        const { correctDetection, CorrectionWordError } =
          await import('../../../lambdas/usecases/ingest/mend/correct-detection.ts')
        const { operator, pseudonymsOf } = await import('../ingest-files.ts')
        const asked = { id, by, reason, sender: operator }
        const correct = async () => {
          if (reply) {
            const { addReply } = await import('../../../lambdas/usecases/ingest/mend/add-reply.ts')
            return addReply({ ...asked, reply }, context.services)
          }
          // A number of accounts names none.
          const namesAccounts = Object.keys(cells).some((name) => /account/i.test(name) && !/^counts\./i.test(name))
          const pseudonym = namesAccounts ? await pseudonymsOf(context) : (account: string) => account
          return correctDetection({ ...asked, cells, pseudonym }, context.services)
        }
        const {
          outcome,
          batch,
          over = [],
        } = await correct().catch((error: unknown) => {
          throw error instanceof CorrectionWordError
            ? new InvalidArgumentError(`${reply ? '--reply' : '--set'}: ${error.message}`)
            : error
        })
        const corrections = await context.services.detections.corrections(id)
        const words = {
          revised: `${id} is corrected (batch ${batch})`,
          duplicate: `${id} says that already`,
          contested: `${id} waits for a decision: see vigie contested list`,
        }
        const unknown = await unknownPlates(id, cells, context.services)
        const before = over.map(({ field, by: whose, at }) => `  over what ${whose} said of ${field} at ${at}`)
        const lines = [
          words[outcome],
          ...before,
          ...unknown.map((hash) => `no plate ${hash} is known: see vigie plates list`),
        ]
        return { ok: outcome !== 'contested', value: { id, outcome, batch, corrections, over }, lines }
      })
    })
}

const replyIn = (words: ReplyWords) => {
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

/** `fr=…`; a text without its language is in none that is stated. */
const textIn = (written: string): readonly [string, string] => {
  const [, language = 'und', text = written] = /^([a-z]{2,3})=(.*)$/s.exec(written) ?? []
  return [language, text]
}

/** Hashes that a correction names and that are no plate's: a detection may name one before it is added. */
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

type Services = import('../../../lambdas/usecases/services.ts').Services

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
  if (at > 0 && at < written.length - 1) return [written.slice(0, at).trim(), written.slice(at + 1)]
  throw new InvalidArgumentError(`--set: write it like counts.posts=5000, and not ${JSON.stringify(written)}`)
}

const contestedCommands = (vigie: Command): void => {
  const contested = vigie
    .command('contested')
    .description('records under an id of another detector, or with a lower marking: nothing changes until you decide')
  contested
    .command('list')
    .description('those that wait for a decision, and why')
    .option('--batch <name>', 'those alone that came in one intake')
    .action(async ({ batch }: { batch?: string }, command: Command) =>
      run('contested list', command, async ({ services }) => {
        const { contestedLines } = await import('../contested-lines.ts')
        const found: ListedContested[] = []
        const lines: string[] = []
        for await (const one of services.detections.contested()) {
          if (batch !== undefined && one.batch !== batch) continue
          const { listed, tried } = await contestedLine(one, services)
          found.push(listed)
          pushAll(lines, contestedLines(listed, tried))
        }
        return { value: found, lines: found.length === 0 ? ['none'] : lines }
      }),
    )
  const deciding = (name: 'accept' | 'refuse', description: string) =>
    contested
      .command(name)
      .description(description)
      .argument('[id...]', 'of the records; all of a batch where it is left out')
      .option('--batch <name>', 'those alone that came in one intake, as vigie contested list names it')
      .requiredOption('--by <name>', 'who decides: it is kept with the decision', notEmpty('--by'))
      .option('--reason <text>', 'why: kept in the history', notEmpty('--reason'))
  deciding('accept', 'store them: as revisions of what their ids name, or as detections of their own')
    .option(
      '--revision <number>',
      'of what stands, as vigie contested list shows it: what has changed since is not written over; of one record',
      wholeNumber('--revision'),
    )
    .option('--as-new', 'under a new id, <detector>:<id>, beside what is stored', false)
    .action(
      async (ids: string[], { asNew, revision, ...asked }: DecideWords & { asNew: boolean }, command: Command) => {
        if (revision !== undefined && (asNew || ids.length !== 1))
          throw new InvalidArgumentError('--revision: name one record, which is to be a revision')
        await run('contested accept', command, async ({ services }) =>
          decided(ids, { ...asked, seen: revision, as: asNew ? 'new' : 'revision' }, services),
        )
      },
    )
  deciding(
    'refuse',
    'keep what stands: the same records are duplicates from then on. What they say of fields that nobody corrected is taken',
  ).action(async (ids: string[], asked: DecideWords, command: Command) =>
    run('contested refuse', command, async ({ services }) => decided(ids, { ...asked, as: 'refused' }, services)),
  )
}

const unplacedCommands = (vigie: Command): void => {
  const unplaced = vigie.command('unplaced').description('detections without a territory')
  unplaced
    .command('list')
    .description('those that wait for a place')
    .action(async (_options: object, command: Command) =>
      run('unplaced list', command, async ({ services }) => {
        const { textIn } = await import('../../../lambdas/domain/core/text/localised.ts')
        const { codesMeant } = await import('../../../lambdas/domain/detection/gazetteer.ts')
        const { plainTable } = await import('../tables.ts')
        const found = await Array.fromAsync(services.detections.unplaced(), ({ detection, storedAt }) => ({
          id: detection.id,
          title: textIn(detection.title, 'en').text,
          observed: detection.observed,
          detector: detection.detector.name,
          storedAt,
          /** What the record says of its place, and what that may mean: nothing is taken of it. */
          written: detection.reported?.territories ?? [],
          meant: codesMeant(detection.reported?.territories ?? []),
        }))
        return {
          value: found,
          lines: plainTable(
            ['Id', 'From', 'Title', 'Written', 'Meant?'],
            found.map(({ id, title, observed, written, meant }) => [
              id,
              observed.from,
              title,
              written.join(', '),
              meant.join(' '),
            ]),
          ),
        }
      }),
    )
  unplaced
    .command('place')
    .description('say where a detection belongs')
    .argument('<id>', 'of the detection')
    .argument('<territory...>', 'codes, names or groups')
    .requiredOption('--by <name>', 'who says so: it stands with the place', notEmpty('--by'))
    .option('--reason <text>', 'why: kept in the history', notEmpty('--reason'))
    .action(async (id: string, written: string[], options: { by: string; reason?: string }, command: Command) => {
      const territories = await codesOf('territory', written)
      await run('unplaced place', command, async ({ services }) => {
        const places = territories.map((code) => ({ code, method: 'analyst' as const, by: options.by }))
        const { NotActiveError } = await import('../../../lambdas/domain/detection/revisions/not-active.ts')
        const placing = services.detections.assignTerritories(id, places, await whoDoes(options), services.clock())
        const isNew = await placing.catch(async (error: unknown) => {
          if (!(error instanceof NotActiveError) || error.fault.code === 'unknown') throw error
          const { whoChanged } = await import('../../../lambdas/usecases/todo/who-was-faster.ts')
          const { everything } = await import('../../../lambdas/domain/access/caller.ts')
          const who = await whoChanged(id, everything, services)
          throw who === undefined ? error : new Error(`${who} was faster: ${error.message}`, { cause: error })
        })
        return {
          value: { id, territories },
          lines: [`${id} is placed in ${territories.join(', ')}${isNew ? '' : ' already'}`],
        }
      })
    })
}

const rejectsCommands = (vigie: Command): void => {
  const rejects = vigie.command('rejects').description('records that could not be stored')
  rejects
    .command('list')
    .description('which, where from and why')
    .action(async (_options: object, command: Command) =>
      run('rejects list', command, async ({ services }) => {
        const { plainTable } = await import('../tables.ts')
        const kept = await Array.fromAsync(services.rejects.open(), ({ raw: _, fault: __, ...reject }) => reject)
        return {
          value: kept,
          lines: plainTable(
            ['Reject', 'Came', 'Where', 'Why'],
            kept.map((one) => [one.rejectId, one.rejectedAt.slice(0, 10), placesOf(one), whyOf(one)]),
          ),
        }
      }),
    )
  rejects
    .command('export')
    .description('the records themselves with their reasons, one JSON object a line: mend each raw, then retry')
    .action(async (_options: object, command: Command) =>
      run('rejects export', command, async ({ services }) => {
        const kept = await Array.fromAsync(services.rejects.open(), ({ fault: _, ...reject }) => reject)
        return { value: kept, lines: kept.map((reject) => JSON.stringify(reject)) }
      }),
    )
  retryCommand(rejects)
  rejects
    .command('drop')
    .description('close them without mending: reports count them no more from then on')
    .argument('<reject...>', 'as vigie rejects list names them')
    .requiredOption('--reason <text>', 'kept with the reject', notEmpty('--reason'))
    .option('--by <name>', 'who closes them: kept in the history', notEmpty('--by'))
    .action(async (ids: string[], { reason, by }: { reason: string; by?: string }, command: Command) =>
      run('rejects drop', command, async ({ services }) => {
        const { dropReject } = await import('../../../lambdas/usecases/ingest/drop-reject.ts')
        const who = { ...(await whoDoes({ by })), reason }
        const dropped: string[] = []
        const failed: string[] = []
        for (const id of new Set(ids)) {
          const isNew = await dropReject(id, who, services)
          if (isNew) dropped.push(id)
          else failed.push(id)
        }
        const { whoDropped } = await import('../../../lambdas/usecases/todo/who-was-faster.ts')
        for (const id of failed) {
          const faster = await whoDropped(id, services)
          say(
            faster
              ? `${id} was dropped already${byWhom(faster.by)}`
              : `${id}: no such reject is open: see vigie rejects list`,
          )
        }
        return { ok: failed.length === 0, value: { dropped, failed }, lines: dropped.map((id) => `${id} is dropped`) }
      }),
    )
}

const retryCommand = (rejects: Command): void => {
  rejects
    .command('retry')
    .description('try them again: all as they are, or those of a file in which they were mended')
    .argument('[file]', 'what vigie rejects export gave, mended; - is standard input')
    .option('--territory <code...>', 'as for ingest, instead of what was stated then')
    .option('--observed <period|from..to>', 'as for ingest, instead of what was stated then')
    .option('--rules <json>', 'as for ingest')
    .option('--aliases <json>', 'as for ingest')
    .option('--keep-account-names', 'as for ingest', false)
    .action(async (file: string | undefined, options: Pick<IngestWords, Analysts>, command: Command) => {
      const stated = await statedIn(options)
      await run('rejects retry', command, async (context) => {
        const { retryFile } = await import('../ingest-files.ts')
        const { rules, aliases } = options
        const retried = await retryFile({ file, rules, aliases, ...stated }, context)
        const { tried, mended, rejected, left, already, unread, batch, failure } = retried
        if (failure !== undefined) say(failure)
        return {
          ok: rejected + left + unread.length === 0 && failure === undefined,
          value: retried,
          lines: [
            `${plural(tried, 'reject')} tried: ${mended} stored, ${rejected} rejected again; ${left} cannot be tried alone, ${already} were stored before`,
            ...(mended > 0 ? [`  batch ${batch}`] : []),
            ...retried.rejects.map((reject) => `  rejected: ${rejectLine(reject)}`),
            ...unread.map(({ line, message }) => `  line ${line} ${message}`),
          ],
        }
      })
    })
}

type DecideWords = {
  readonly batch?: string
  readonly by: string
  readonly reason?: string
  readonly revision?: number
}

const decided = async (
  ids: readonly string[],
  asked: Omit<DecideWords, 'revision'> & {
    readonly as: 'revision' | 'new' | 'refused'
    readonly seen?: number | undefined
  },
  services: Services,
) => {
  const { decideContested } = await import('../../../lambdas/usecases/ingest/mend/decide-contested.ts')
  const { settled, failed } = await decideContested({ ids, ...asked }, services)
  for (const { id, message } of failed) say(message.startsWith(`${id} `) ? message : `${id}: ${message}`)
  const words = { revision: 'is a revision', new: 'is stored', refused: 'is refused' }
  const prefix = asked.as === 'new' && settled.length > 0
  return {
    ok: failed.length === 0,
    value: { settled, failed },
    lines: [
      ...settled.map(({ id, under }) => `${id} ${words[asked.as]}${under === id ? '' : ` as ${under}`}`),
      ...(prefix ? ['give the detector an idPrefix in vigie.json, so that its next records do not clash'] : []),
    ],
  }
}

const contestedLine = async (record: Contested, { detections }: Services) => {
  const { changedBetween } = await import('../../../lambdas/domain/looking/explanation.ts')
  const { partText, touches } = await import('../../../lambdas/domain/detection/revisions/correction.ts')
  const { detection, reason, correcting, undoing, batch = undoing?.batch, storedAt } = record
  const accepted = await detections.ifAccepted(record)
  // Corrections that were made since it came are named too: accepting it would give them up.
  const known = new Set(eachOf(reason).map((one) => faultText(one)))
  const since = touches(accepted?.gives ?? [])
    .map((one) => faultText(one))
    .filter((one) => !known.has(one))
  const tried = accepted && { ...accepted, changed: changedBetween(accepted.before, accepted.after) }
  const listed: ListedContested = {
    id: detection.id,
    revision: tried?.revision ?? null,
    detector: detection.detector.name,
    marking: detection.marking,
    reason: [...known, ...since].join('; '),
    asked: (correcting ?? undoing)?.by,
    keeps: accepted && accepted.lowers.length > 0 ? accepted.keeps.map(({ field, by }) => ({ field, by })) : [],
    fields: tried
      ? tried.changed.map((field) => ({
          field,
          stands: partText(tried.before, field),
          accepted: partText(tried.after, field),
        }))
      : [],
    batch,
    storedAt,
  }
  return { listed, tried }
}

type Contested = import('../../../lambdas/store/detections/contested.ts').Contested
