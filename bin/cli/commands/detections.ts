/** The commands that look at stored detections: lists, one by its id, searches, and why one counts where it does. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { systemClock } from '../../../lambdas/config/clock.ts'
import { type Language, languages } from '../../../lambdas/domain/core/language/languages.ts'
import { type Kind, kinds } from '../../../lambdas/domain/detection/kinds.ts'
import type { Days } from '../../../lambdas/domain/looking/place.ts'
import { editionAsked, territoryAsked, usage } from '../arguments.ts'
import { run } from '../run.ts'
import { say } from '../terminal.ts'

export const detectionsCommands = (vigie: Command): void => {
  const detections = vigie.command('detections').description('look at what is stored (docs/looking.md)')
  listCommand(detections)
  showCommand(detections)
  searchCommand(detections)
  explainCommand(vigie)
}

const listCommand = (detections: Command): void => {
  filtered(detections.command('list').description('stored detections, the newest first'))
    .option('--counts', 'how many there are of what, in place of a list', false)
    .action(async ({ counts, ...words }: FilterWords & { counts: boolean }, command: Command) => {
      const { asked, ceiling } = await askedIn(words)
      await run('detections list', command, async ({ services }) => {
        const { countDetections, findDetections } =
          await import('../../../lambdas/usecases/detections/find-detections.ts')
        const { countLines, pageLines, pageOutput } = await import('../detection-lines.ts')
        if (counts) {
          const counted = await countDetections(asked, ceiling, services)
          return { value: counted, lines: countLines(counted) }
        }
        const page = await findDetections(asked, ceiling, services)
        return { value: pageOutput(page), lines: pageLines(page, asked.territory) }
      })
    })
}

const searchCommand = (detections: Command): void => {
  filtered(
    detections
      .command('search')
      .description('by an id, campaign, hashtag, account set or fingerprint over all time; else by words, in some days')
      .argument(
        '<words...>',
        'of titles, summaries, narratives, campaigns, hashtags, actors and places; or one domain or account',
      ),
  )
    .addOption(new Option('--by <what>', 'look for it as this alone').choices(['key', 'words'] as const))
    .action(async (written: string[], { by, ...words }: FilterWords & { by?: 'key' | 'words' }, command: Command) => {
      const { asked, ceiling } = await askedIn(words)
      const text = await soughtAs('words', written.join(' '))
      await run('detections search', command, async ({ services }) => {
        const { searchDetections } = await import('../../../lambdas/usecases/detections/search-detections.ts')
        const { noneFound, pageLines, pageOutput } = await import('../detection-lines.ts')
        const { isSearchable } = await import('../../../lambdas/domain/looking/filter.ts')
        const found = await searchDetections(text, { ...asked, by }, ceiling, services)
        if (found.meant.length > 0) say(`do you mean ${found.meant.join(' or ')}?`)
        const value = { ...pageOutput(found), by: found.by, meant: found.meant }
        const isWordless = found.detections.length === 0 && !isSearchable(text)
        const none = `there is no word in ${JSON.stringify(text)}: give letters or digits`
        const { first, last } = asked.days as Partial<Days>
        const isNone = found.detections.length === 0 && found.days && by === undefined && (first ?? last) === undefined
        const lines = isNone ? noneFound(found.days) : pageLines(found, asked.territory)
        return { value, lines: isWordless ? [none] : lines }
      })
    })
}

const showCommand = (detections: Command): void => {
  detections
    .command('show')
    .description('one of them, as a report may print it')
    .argument('<id>', 'of the detection')
    .option('--cap <tlp>', 'as a reader who is cleared so far may see it')
    .action(async (id: string, { cap }: { cap?: string }, command: Command) => {
      const ceiling = await callerUpTo(cap)
      await run('detections show', command, async ({ services }) => {
        const { showDetection } = await import('../../../lambdas/usecases/detections/show-detection.ts')
        const { detectionStory } = await import('../detection-lines.ts')
        const shown = await showDetection(id, ceiling, services)
        if (!shown) throw new Error(unknown(id))
        return { value: shown, lines: detectionStory(shown) }
      })
    })
}

const explainCommand = (vigie: Command): void => {
  vigie
    .command('explain')
    .description('a detection: how it came, where it is placed, where it counts and why, and which reports show it')
    .argument('<id>', 'of the detection')
    .option('--in <words...>', 'a territory and a period: how it stands in their report')
    .option('--cap <tlp>', 'what a reader who is cleared so far may know')
    .action(async (id: string, { in: report, cap }: { in?: string[]; cap?: string }, command: Command) => {
      const asked = report && (await reportAsked(report))
      const caller = await callerUpTo(cap)
      await run('explain', command, async ({ services }) => {
        const { explainDetection } = await import('../../../lambdas/usecases/detections/explain-detection.ts')
        const { explanationLines } = await import('../detection-lines.ts')
        const told = await explainDetection(id, asked, caller, services)
        if (!told) throw new Error(unknown(id))
        return { value: told, lines: explanationLines(told) }
      })
    })
}

/** The same for what is not there and for what may not be known. */
const unknown = (id: string): string =>
  `there is no detection ${JSON.stringify(id)}: vigie detections search finds one by what it says`

const reportAsked = async (words: readonly string[]) => {
  const [territory = '', period = '', ...more] = words
  if (words.length !== 2 || more.length > 0) {
    throw new InvalidArgumentError('--in: give a territory and a period, such as --in NC 2024-W20, after the id')
  }
  const asked = await editionAsked(territory, period, 'TLP:RED')
  const { isOnRequest } = await import('../../../lambdas/domain/core/place/territory.ts')
  if (isOnRequest(asked.territory)) {
    throw new InvalidArgumentError(
      `--in: ${territory} is a dossier or a flash note, which says itself what it holds: give a territory or a group`,
    )
  }
  return asked
}

type FilterWords = {
  readonly territory?: string
  readonly period?: string
  readonly from?: string
  readonly to?: string
  readonly kind?: Kind
  readonly campaign?: string
  readonly detector?: string
  readonly marking?: string
  readonly untranslated?: Language
  readonly cap?: string
  readonly limit: number
  readonly after?: string
}

const filtered = (command: Command): Command =>
  command
    .option('--territory <code>', 'those of one territory')
    .option('--period <period>', 'first observed in a week, month or quarter, in the territory’s own days')
    .option('--from <day>', 'first observed on this day or later; 92 days at most')
    .option('--to <day>', 'first observed on this day or earlier; today where it is left out')
    .addOption(new Option('--kind <kind>', 'of one kind').choices(kinds))
    .option('--campaign <name>', 'of one campaign: over all time where no days are named')
    .option('--detector <name>', 'found by one detector')
    .option('--marking <tlp>', 'marked so')
    .addOption(
      new Option('--untranslated <language>', 'with a text that is not there in this language').choices(languages),
    )
    .option('--cap <tlp>', 'what a reader who is cleared so far may know')
    .option('--limit <n>', 'so many at most, to 1000', limitOf, 50)
    .option('--after <cursor>', 'go on where the page before ended')

const maxLimit = 1_000

function limitOf(written: string): number {
  const limit = Number(written)
  if (/^\d{1,4}$/.test(written) && limit >= 1 && limit <= maxLimit) return limit
  throw new InvalidArgumentError(`it is a whole number from 1 to ${maxLimit}.`)
}

const askedIn = async ({ territory, period, from, to, marking, cap, after, ...plain }: FilterWords) => {
  const { parseMarking } = await import('../../../lambdas/domain/core/marking.ts')
  const { placeOf } = await import('../../../lambdas/domain/looking/place.ts')
  const place = after === undefined ? undefined : placeOf(after)
  if (after !== undefined && !place) throw new InvalidArgumentError('--after: take it from the page before')
  const asked = {
    ...plain,
    ...(plain.campaign !== undefined && { campaign: await soughtAs('--campaign', plain.campaign) }),
    ...(plain.detector !== undefined && { detector: await soughtAs('--detector', plain.detector) }),
    territory: territory === undefined ? undefined : await territoryAsked('--territory', territory),
    days: await daysIn(period, from, to),
    marking: marking === undefined ? undefined : usage('--marking', () => parseMarking(marking)),
    after: place,
  }
  return { asked, ceiling: await callerUpTo(cap) }
}

/** A text by which something is looked for, checked here as wrong usage. */
const soughtAs = async (word: string, text: string): Promise<string> => {
  const { soughtText } = await import('../../../lambdas/domain/looking/filter.ts')
  return usage(word, () => soughtText(text))
}

/** The days that are stated, checked here as wrong usage. */
const daysIn = async (period: string | undefined, from: string | undefined, to: string | undefined) => {
  const { parsePeriod } = await import('../../../lambdas/domain/core/time/period.ts')
  const { daysAsked } = await import('../../../lambdas/domain/looking/days.ts')
  if (period !== undefined && (from ?? to) !== undefined) {
    throw new InvalidArgumentError('--period: it names the days by itself: leave --from and --to out')
  }
  const dayOf = (word: string, day: string) => usage(word, () => parsePeriod(day).first)
  const days =
    period === undefined
      ? {
          ...(from !== undefined && { first: dayOf('--from', from) }),
          ...(to !== undefined && { last: dayOf('--to', to) }),
        }
      : usage('--period', () => parsePeriod(period))
  usage(period === undefined ? '--from' : '--period', () => daysAsked(days, systemClock()))
  return days
}

/** Of this machine's own user, or of a reader up to a marking. */
const callerUpTo = async (cap: string | undefined) => {
  const { everything } = await import('../../../lambdas/domain/access/caller.ts')
  const { parseMarking } = await import('../../../lambdas/domain/core/marking.ts')
  return cap === undefined ? everything : { ...everything, clearance: usage('--cap', () => parseMarking(cap)) }
}
