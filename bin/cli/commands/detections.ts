/** Commands that read stored data. */
import { InvalidArgumentError } from 'commander'
import { systemClock } from '../../../lambdas/config/clock.ts'
import { reasonText } from '../../../lambdas/domain/core/fault-text.ts'
import { languages } from '../../../lambdas/domain/core/language/languages.ts'
import { kinds } from '../../../lambdas/domain/detection/kinds.ts'
import { limitOf, markingAsked, periodAsked, subjectAsked, territoryAsked, usage } from '../arguments.ts'
import { tableOf, utcMinute } from '../output/tables.ts'
import { say } from '../output/terminal.ts'
import { command, group } from '../table.ts'
import { argument, flag, option } from '../words.ts'

const id = argument('<id>', 'of the detection')

const callerUpTo = async (word: string, written: string) => {
  const { everything } = await import('../../../lambdas/domain/access/caller.ts')
  return { ...everything, clearance: await markingAsked(word, written) }
}

const soughtAs = async (word: string, text: string): Promise<string> => {
  const { soughtText } = await import('../../../lambdas/domain/looking/filter.ts')
  return usage(word, () => soughtText(text))
}

const dayAsked = async (word: string, written: string): Promise<string> => (await periodAsked(word, written)).first

const filters = {
  territory: option('--territory <code>', 'those of one territory').read(territoryAsked),
  period: option('--period <period>', 'first observed in a week, month or quarter, in the territory’s own days').read(
    periodAsked,
  ),
  from: option('--from <day>', 'first observed on this day or later').read(dayAsked),
  to: option('--to <day>', 'first observed on this day or earlier; today where it is left out').read(dayAsked),
  kind: option('--kind <kind>', 'of one kind').oneOf(kinds),
  campaign: option('--campaign <name>', 'of one campaign').read(soughtAs),
  detector: option('--detector <name>', 'of one detector').read(soughtAs),
  marking: option('--marking <tlp>', 'with this marking').read(markingAsked),
  untranslated: option('--untranslated <language>', 'with a text missing in this language').oneOf(languages),
  ceiling: option('--cap <tlp>', 'as visible to a reader with this clearance').read(callerUpTo),
  limit: option('--limit <n>', 'maximum number, up to 1000').parsed(limitOf).or(50),
  after: option('--after <cursor>', 'continue after the previous page').read(async (word, written) => {
    const { placeOf } = await import('../../../lambdas/domain/looking/place.ts')
    const place = placeOf(written)
    if (place) return place
    throw new InvalidArgumentError(`${word}: take it from the page before`)
  }),
}

/** No Lambda's time limit applies here. */
const isUnlimited = true

const daysIn = async (period: { first: string; last: string } | undefined, first?: string, last?: string) => {
  const { daysAsked } = await import('../../../lambdas/domain/looking/days.ts')
  if (period && (first ?? last) !== undefined)
    throw new InvalidArgumentError('--period: it names the days by itself: leave --from and --to out')
  const days = period ?? { ...(first !== undefined && { first }), ...(last !== undefined && { last }) }
  usage(period ? '--period' : '--from', () => daysAsked(days, systemClock(), true))
  return days
}

export const detectionsCommands = [
  group('detections', 'list and search stored detections (docs/data.md)'),
  command('detections list', {
    description: 'stored detections, the newest first',
    takes: { ...filters, counts: flag('--counts', 'counts instead of a list') },
    check: async ({ period, from, to, ceiling, counts, ...filter }) => ({
      filter: { ...filter, isUnlimited, days: await daysIn(period, from, to) },
      ...{ ceiling, counts },
    }),
    run: async ({ filter, ceiling, counts }, { services, caller }) => {
      const { countDetections, findDetections } =
        await import('../../../lambdas/usecases/detections/find-detections.ts')
      const { countLines, pageLines, pageOutput } = await import('../output/detection-lines.ts')
      const { changedDays } = services
      if (counts) {
        const counted = await countDetections({ ...filter, changedDays }, ceiling ?? caller, services)
        return { value: counted, lines: countLines(counted) }
      }
      const page = await findDetections({ ...filter, changedDays }, ceiling ?? caller, services)
      return { value: pageOutput(page), lines: pageLines(page, filter.territory) }
    },
  }),
  command('detections show', {
    description: 'a detection as a report may print it',
    takes: { id, ceiling: option('--cap <tlp>', 'as visible to a reader with this clearance').read(callerUpTo) },
    run: async ({ id, ceiling }, { services, caller }) => {
      const { showDetection } = await import('../../../lambdas/usecases/detections/show-detection.ts')
      const { detectionStory } = await import('../output/detection-lines.ts')
      const shown = await showDetection(id, ceiling ?? caller, services)
      if (!shown) throw new Error(unknown(id))
      return { value: shown, lines: detectionStory(shown) }
    },
  }),
  command('detections search', {
    description: 'search by id, campaign, hashtag, account set, fingerprint or words, the newest first',
    takes: {
      text: argument(
        '<words...>',
        'of titles, summaries, narratives, campaigns, hashtags, actors and places; or one domain or account',
      ).read((word, written) => soughtAs(word, written.join(' '))),
      ...filters,
      by: option('--by <what>', 'search only as this kind of key').oneOf(['key', 'words']),
    },
    check: async ({ text, by, period, from, to, ceiling, ...filter }) => ({
      ...{ text, ceiling },
      filter: { ...filter, by, isUnlimited, days: await daysIn(period, from, to) },
      isAnyDay: by === undefined && (period ?? from ?? to) === undefined,
    }),
    run: async ({ text, filter, ceiling, isAnyDay }, { services, caller }) => {
      const { searchDetections } = await import('../../../lambdas/usecases/detections/search-detections.ts')
      const { noneFound, pageLines, pageOutput } = await import('../output/detection-lines.ts')
      const { isSearchable } = await import('../../../lambdas/domain/looking/filter.ts')
      const { changedDays } = services
      const found = await searchDetections(text, { ...filter, changedDays }, ceiling ?? caller, services)
      if (found.meant.length > 0) say(`do you mean ${found.meant.join(' or ')}?`)
      const value = { ...pageOutput(found), by: found.by, meant: found.meant }
      if (found.detections.length > 0) return { value, lines: pageLines(found, filter.territory) }
      if (!isSearchable(text))
        return { value, lines: [`there is no word in ${JSON.stringify(text)}: give letters or digits`] }
      return { value, lines: isAnyDay ? noneFound(found.days) : pageLines(found, filter.territory) }
    },
  }),
  command('explain', {
    description: 'explain a detection: its origin, territories, where it counts and why, and which reports show it',
    takes: {
      id,
      report: option('--in <words...>', 'a territory and a period: its role in that report').read((_, written) =>
        reportAsked(written),
      ),
      ceiling: option('--cap <tlp>', 'as visible to a reader with this clearance').read(callerUpTo),
    },
    run: async ({ id, report, ceiling }, { services, caller }) => {
      const { explainDetection } = await import('../../../lambdas/usecases/detections/explain-detection.ts')
      const { explanationLines } = await import('../output/detection-lines.ts')
      const explained = await explainDetection(id, report, ceiling ?? caller, services)
      if (!explained) throw new Error(unknown(id))
      return { value: explained, lines: explanationLines(explained) }
    },
  }),
  command('history', {
    description: 'actions of analysts, with author, time and reason; newest first',
    takes: { most: option('--limit <n>', 'maximum number, up to 1000').parsed(limitOf).or(50) },
    run: async ({ most }, { services, caller }) => {
      const { historyFor } = await import('../../../lambdas/usecases/todo/history.ts')
      const recipients = await Array.fromAsync(services.recipients.all(), ({ id, address }) => [id, address] as const)
      const addresses = new Map(recipients)
      const value = await historyFor(caller, { most, sender: caller.who }, services)
      return {
        value,
        lines: tableOf(value, {
          At: ({ at }) => utcMinute(at),
          By: ({ by }) => by,
          Did: ({ did, of, what = [] }) =>
            [did, of === 'detection' && did === 'refused' && what.length > 0 ? 'but for' : '', ...what]
              .filter(Boolean)
              .join(' '),
          To: ({ id, of }) => (of === 'recipient' ? addresses.get(id) : of === 'token' && `token ${id}`) || id,
          Why: ({ reason }) => reason && reasonText(reason),
        }),
      }
    },
  }),
]

/** Does not distinguish missing from withheld detections. */
const unknown = (id: string): string =>
  `there is no detection ${JSON.stringify(id)}: vigie detections search finds one by its text`

const reportAsked = async (words: readonly string[]) => {
  const [territory = '', period = ''] = words
  if (words.length !== 2) {
    throw new InvalidArgumentError('--in: give a territory and a period, such as --in NC 2024-W20, after the id')
  }
  const asked = {
    territory: await subjectAsked('territory', territory),
    period: await periodAsked('period', period),
    cap: 'TLP:RED' as const,
  }
  const { isOnRequest } = await import('../../../lambdas/domain/core/place/territory.ts')
  if (isOnRequest(asked.territory)) {
    throw new InvalidArgumentError(
      `--in: ${territory} is a dossier or a flash note, which lists its own detections: give a territory or a group`,
    )
  }
  return asked
}
