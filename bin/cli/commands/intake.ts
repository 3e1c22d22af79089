/** The commands that take detections in, and look after what could not be placed or stored. */
import { type Command, Option } from 'commander'
import { plural } from '../../../lambdas/domain/core/plural.ts'
import { codesOf, notEmpty, usage } from '../arguments.ts'
import { run } from '../run.ts'
import { say } from '../terminal.ts'

export const intakeCommands = (vigie: Command): void => {
  ingestCommand(vigie)
  withdrawCommand(vigie)
  contestedCommands(vigie)
  unplacedCommands(vigie)
  rejectsCommands(vigie)
}

const ingestCommand = (vigie: Command): void => {
  vigie
    .command('ingest')
    .description('store detections: what detectors and threat-intelligence platforms write (docs/intake.md)')
    .argument('<file...>', 'files to read; - is standard input')
    .addOption(
      new Option('--format <format>', 'by content where it is left out').choices(formats).default('auto' as const),
    )
    .option(
      '--territory <code...>',
      'where detections belong that nothing else places: codes, names or groups (overseas, antilles, pacific, indian-ocean)',
    )
    .option(
      '--observed <period|from..to>',
      'when detections were observed that do not say it themselves: 2024-W20, 2024-02, 2023-07..2024-10, 2024-05-15..2024-05-16',
    )
    .option('--map <json>', 'what the columns of a CSV file mean')
    .option('--posts <csv>', 'the posts that D3lta’s matches name: id, account, time, text, platform')
    .option('--set <id>', 'what a list of accounts is called; detections refer to it by this')
    .option('--set-name <name>', 'and for people')
    .option('--set-marking <tlp>', 'up to which marking its name, size and accounts may show; as before, else AMBER')
    .option('--rules <json>', 'which hashtags, texts or campaigns mean which territories; before those of vigie.json')
    .option('--aliases <json>', 'which names are one; before those of vigie.json')
    .option('--keep-account-names', 'store accounts’ names instead of pseudonyms', false)
    .addHelpText(
      'after',
      '\nEvery record is accepted, revised, a duplicate, unplaced, contested, word of a run, or rejected; these add up to those read.\nRejects, contested and unplaced records are kept: see vigie rejects list, vigie contested list and vigie unplaced list.',
    )
    .action(async (files: string[], options: IngestWords, command: Command) => {
      const { format, map, posts, rules, aliases } = options
      const stated = { ...(await statedIn(options)), ...(await setIn(options)) }
      await run(command, async (context) => {
        const { ingestFiles } = await import('../ingest-files.ts')
        const result = await ingestFiles({ files, format, map, posts, rules, aliases, ...stated }, context)
        for (const { file, message } of result.failed) say(message.startsWith(file) ? message : `${file}: ${message}`)
        return {
          ok: result.rejected + result.contested + result.failed.length === 0,
          value: result,
          lines: [
            // Where no file could be opened there is nothing to tell of.
            ...(result.read > 0 || result.failed.length < files.length ? [ingestLine(result)] : []),
            ...Object.entries(result.unused).map(([type, count]) => `  not used by any detection: ${count} × ${type}`),
            ...Object.entries(result.noted).map(([what, count]) => `  noted: ${count} × ${what}`),
            ...result.rejects.map((reject) => `  rejected: ${rejectLine(reject)}`),
            ...result.contests.map(({ id, message }) => `  contested: ${id}  ${message}`),
          ],
        }
      })
    })
}

const withdrawCommand = (vigie: Command): void => {
  vigie
    .command('withdraw')
    .description('keep a detection out of every later report; the earlier ones stay as they are')
    .argument('<id>', 'of the detection')
    .requiredOption('--reason <text>', 'kept with the withdrawal', notEmpty('--reason'))
    .action(async (id: string, options: { reason: string }, command: Command) =>
      run(command, async ({ services }) => {
        const withdrawn = await services.detections.withdraw(id, options.reason, services.clock())
        return {
          value: { id, withdrawn: true, already: !withdrawn },
          lines: [withdrawn ? `${id} is withdrawn` : `${id} was withdrawn already`],
        }
      }),
    )
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
      run(command, async ({ services }) => {
        const found: ContestedLine[] = []
        for await (const one of services.detections.contested()) {
          if (batch === undefined || one.batch === batch) found.push(contestedLine(one))
        }
        return {
          value: found,
          lines:
            found.length === 0
              ? ['none']
              : found.map(
                  ({ id, detector, reason, batch: came, storedAt }) =>
                    `${id}  ${detector}  ${reason}  (${storedAt}, batch ${came ?? 'unknown'})`,
                ),
        }
      }),
    )
  const deciding = (name: 'accept' | 'refuse', description: string) =>
    contested
      .command(name)
      .description(description)
      .argument('[id...]', 'of the records; all of a batch where it is left out')
      .option('--batch <name>', 'those alone that came in one intake, as vigie contested list names it')
      .requiredOption('--by <name>', 'who decides: it is kept with the decision')
  deciding('accept', 'store them: as revisions of what their ids name, or as detections of their own')
    .option('--as-new', 'under a new id, <detector>:<id>, beside what is stored', false)
    .action(async (ids: string[], { asNew, ...asked }: DecideWords & { asNew: boolean }, command: Command) =>
      run(command, async ({ services }) => decided(ids, { ...asked, as: asNew ? 'new' : 'revision' }, services)),
    )
  deciding('refuse', 'do not store them; the same records are duplicates from then on').action(
    async (ids: string[], asked: DecideWords, command: Command) =>
      run(command, async ({ services }) => decided(ids, { ...asked, as: 'refused' }, services)),
  )
}

const unplacedCommands = (vigie: Command): void => {
  const unplaced = vigie.command('unplaced').description('detections without a territory')
  unplaced
    .command('list')
    .description('those that wait for a place')
    .action(async (_options: object, command: Command) =>
      run(command, async ({ services }) => {
        const { textIn } = await import('../../../lambdas/domain/core/localised.ts')
        const found = await Array.fromAsync(services.detections.unplaced(), ({ detection, storedAt }) => ({
          id: detection.id,
          title: textIn(detection.title, 'en').text,
          observed: detection.observed,
          detector: detection.detector.name,
          storedAt,
        }))
        return {
          value: found,
          lines:
            found.length === 0 ? ['none'] : found.map(({ id, title, observed }) => `${id}  ${observed.from}  ${title}`),
        }
      }),
    )
  unplaced
    .command('place')
    .description('say where a detection belongs')
    .argument('<id>', 'of the detection')
    .argument('<territory...>', 'codes, names or groups')
    .requiredOption('--by <name>', 'who says so: it stands with the place')
    .action(async (id: string, written: string[], options: { by: string }, command: Command) => {
      const territories = await codesOf('territory', written)
      await run(command, async ({ services }) => {
        const places = territories.map((code) => ({ code, method: 'analyst' as const, by: options.by }))
        await services.detections.assignTerritories(id, places, services.clock())
        return { value: { id, territories }, lines: [`${id} is placed in ${territories.join(', ')}`] }
      })
    })
}

const rejectsCommands = (vigie: Command): void => {
  const rejects = vigie.command('rejects').description('records that could not be stored')
  rejects
    .command('list')
    .description('which, where from and why')
    .action(async (_options: object, command: Command) =>
      run(command, async ({ services }) => {
        const kept = await Array.fromAsync(services.rejects.open(), ({ raw: _, ...reject }) => reject)
        return { value: kept, lines: kept.length === 0 ? ['none'] : kept.map(rejectLine) }
      }),
    )
  rejects
    .command('export')
    .description('the records themselves with their reasons, one JSON object a line: mend each raw, then retry')
    .action(async (_options: object, command: Command) =>
      run(command, async ({ services }) => {
        const kept = await Array.fromAsync(services.rejects.open())
        return { value: kept, lines: kept.map((reject) => JSON.stringify(reject)) }
      }),
    )
  retryCommand(rejects)
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
      await run(command, async (context) => {
        const { retryFile } = await import('../ingest-files.ts')
        const { rules, aliases } = options
        const retried = await retryFile({ file, rules, aliases, ...stated }, context)
        const { tried, mended, rejected, left, already, unread, failure } = retried
        if (failure !== undefined) say(failure)
        return {
          ok: rejected + left + unread.length === 0 && failure === undefined,
          value: retried,
          lines: [
            `${plural(tried, 'reject')} tried: ${mended} stored, ${rejected} rejected again; ${left} cannot be tried alone, ${already} were stored before`,
            ...retried.rejects.map((reject) => `  rejected: ${rejectLine(reject)}`),
            ...unread.map(({ line, message }) => `  line ${line} ${message}`),
          ],
        }
      })
    })
}

type DecideWords = { readonly batch?: string; readonly by: string }

const decided = async (
  ids: readonly string[],
  asked: DecideWords & { readonly as: 'revision' | 'new' | 'refused' },
  services: import('../../../lambdas/usecases/services.ts').Services,
) => {
  const { decideContested } = await import('../../../lambdas/usecases/ingest/decide-contested.ts')
  const { settled, failed } = await decideContested({ ids, ...asked }, services)
  for (const { id, message } of failed) say(`${id}: ${message}`)
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

const contestedLine = ({ detection, reason, batch, storedAt }: Contested) => ({
  id: detection.id,
  detector: detection.detector.name,
  marking: detection.marking,
  reason,
  batch,
  storedAt,
})

type Contested = import('../../../lambdas/store/detections.ts').Contested

type ContestedLine = ReturnType<typeof contestedLine>

/** What the analyst states for records that do not say it themselves. */
const statedIn = async ({ territory, observed, keepAccountNames }: Pick<IngestWords, Analysts>) => {
  const { parseObserved } = await import('../../../lambdas/domain/core/observed.ts')
  return {
    observed: observed === undefined ? undefined : usage('--observed', () => parseObserved(observed)),
    territories: territory && (await codesOf('--territory', territory)),
    keepNames: keepAccountNames,
  }
}

/** What the analyst says of the set that a list of accounts is. */
const setIn = async ({ set, setName, setMarking }: Pick<IngestWords, 'set' | 'setName' | 'setMarking'>) => {
  if ((set ?? setName ?? setMarking) === undefined) return {}
  const { parseMarking } = await import('../../../lambdas/domain/core/marking.ts')
  return {
    set: {
      ...(set !== undefined && { id: set }),
      ...(setName !== undefined && { name: setName }),
      ...(setMarking !== undefined && {
        marking: usage('--set-marking', () => parseMarking(setMarking)),
        mayLower: true,
      }),
    },
  }
}

type IngestWords = {
  readonly format: IntakeFormat
  readonly territory?: string[]
  readonly observed?: string
  readonly map?: string
  readonly posts?: string
  readonly set?: string
  readonly setName?: string
  readonly setMarking?: string
  readonly rules?: string
  readonly aliases?: string
  readonly keepAccountNames: boolean
}

type Analysts = 'territory' | 'observed' | 'rules' | 'aliases' | 'keepAccountNames'

type IntakeFormat = import('../../../lambdas/intake/formats.ts').IntakeFormat

/** As in lambdas/intake/formats.ts, which help does not wait for. */
const formats = [
  'auto',
  'ndjson',
  'json',
  'csv',
  'stix',
  'd3lta',
  'coortweet',
  'cnt',
  'meta',
  'domains',
  'accounts',
] as const satisfies readonly IntakeFormat[]

const rejectLine = ({ file, line, id, path, message }: Rejected): string =>
  `${[file, line, id].filter((part) => part !== undefined && part !== null).join(':')}  ${told(path, message)}`

/** A message of several faults names the place of each itself. */
const told = (path: string, message: string): string =>
  path === '' || message.startsWith(`${path}: `) ? message : `${path} ${message}`

type Rejected = {
  readonly file: string
  readonly line?: number | null | undefined
  readonly id?: string | null | undefined
  readonly path: string
  readonly message: string
}

export const ingestLine = (tally: {
  read: number
  accepted: number
  revised: number
  duplicates: number
  unplaced: number
  contested: number
  runs: number
  rejected: number
}): string => {
  const { read, accepted, revised, duplicates, unplaced: without, contested, runs, rejected } = tally
  const waiting = contested > 0 ? `, ${contested} contested` : ''
  const ran = runs > 0 ? `, ${plural(runs, 'word')} of a run` : ''
  return `${plural(read, 'record')} read: ${accepted} accepted, ${revised} revised, ${plural(duplicates, 'duplicate')}, ${without} unplaced${waiting}${ran}, ${rejected} rejected`
}
