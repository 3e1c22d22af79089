/** The report of the daily trial: fixed, invented facts that fill every section. */

import { periodsCompared } from '../aggregate/compare.ts'
import { sinceBefore } from '../aggregate/since.ts'
import { createCounter, type DetectionAsOf, sharesBefore } from '../aggregate/tally.ts'
import type { VisibleSource } from '../aggregate/watch/watch.ts'
import { watchedIn } from '../aggregate/watch/watched.ts'
import { messageOfFault } from '../core/fault.ts'
import { subjectOf } from '../core/place/territory.ts'
import { canonicalHash } from '../core/text/canonical.ts'
import { boundsIn, daysOf, type Period, parsePeriod, periodsBefore } from '../core/time/period.ts'
import { type DetectionInput, readDetection } from '../detection/detection.ts'
import type { Taxonomy } from '../detection/frameworks/disarm.ts'
import { noneGone } from '../report/changes.ts'
import { factsOf, toShow } from '../report/facts.ts'
import type { Edition } from '../report/manifest.ts'
import type { Organisation } from '../report/organisation.ts'
import { titlesWanted } from '../report/since-facts.ts'
import { reportOf } from './build-page.ts'
import type { Report } from './page.ts'

const marking = 'TLP:CLEAR'

/** Every sheet shows that the facts are invented. */
const organisation = 'Essai quotidien, faits inventés · Daily trial, invented facts'

export const syntheticEdition: Edition = { territory: 'NC', period: parsePeriod('2024-W20'), cap: marking }

const detector = {
  name: 'Vigie',
  expectedRhythm: 'P1D',
  knownError: { fr: 'Tout est inventé.', en: 'Everything is invented.' },
  marking,
} as const

const inputs: readonly DetectionInput[] = [
  {
    id: 'trial-whole',
    detector,
    kind: 'copy-paste',
    title: { fr: 'Essai : des copies qui n’existent pas', en: 'Trial: copies that do not exist' },
    // Contains every script of names and posts, so that a missing font shows in print.
    summary: {
      fr: '« Où ça ? » : cœur, île, 5 187 ; ʻŌpūnohu, Māʻohi, Привет, Γειά, العربية, עברית, Հայերեն, ქართული, ไทย, 中文, 日本語, 한국어.',
      en: '“Where?”: 5,187 posts; ʻŌpūnohu, Māʻohi, Привет, Γειά, العربية, עברית, Հայերեն, ქართული, ไทย, 中文, 日本語, 한국어.',
    },
    territories: ['NC'],
    observed: { from: '2024-05-14', to: '2024-05-16' },
    platforms: ['X', 'Facebook'],
    counts: {
      posts: { value: 5_187, qualifier: 'at least' },
      accounts: 1_686,
      byDay: [
        { day: '2024-05-14', posts: 187 },
        { day: '2024-05-15', posts: 4_000 },
        { day: '2024-05-16', posts: 1_000 },
      ],
    },
    campaign: 'Essai · Trial',
    techniques: [{ id: 'T0049.002' }, { id: 'T0084.001' }, { id: 'T0099.001' }],
    narratives: [{ fr: 'Rien de tout cela n’a eu lieu.', en: 'None of this took place.' }],
    hashtags: ['#essai', '#trial'],
    languages: ['fr', 'en'],
    indicators: [{ type: 'url', value: 'https://example.org/trial' }],
    evidence: [{ label: { fr: 'Aucune', en: 'None' }, url: 'https://example.org/trial' }],
    observedEffect: { state: 'observed', text: { fr: 'Aucun : c’est un essai.', en: 'None: this is a trial.' } },
    breakout: { category: 4 },
    criteria: [{ criterion: 'foreign-actor', state: 'not assessed' }],
    reliability: 'F',
    credibility: 6,
    marking,
  },
  {
    id: 'trial-part',
    partOf: 'trial-whole',
    detector,
    kind: 'video',
    title: { fr: 'Essai : une partie', en: 'Trial: a part' },
    territories: ['NC'],
    observed: { from: '2024-05-15T04:30:00Z' },
    platforms: ['TikTok'],
    counts: { videos: 3, views: { value: 2_000_000, qualifier: 'about' } },
    marking,
  },
  {
    id: 'trial-ongoing',
    detector,
    kind: 'other',
    title: { fr: 'Essai : en cours', en: 'Trial: still going on' },
    territories: ['NC'],
    observed: { from: '2024-05-06', to: '2024-05-15' },
    marking,
  },
  {
    id: 'trial-undated',
    detector,
    kind: 'offline-event',
    title: { fr: 'Essai : dans le mois', en: 'Trial: some time in the month' },
    territories: ['NC'],
    observed: { from: '2024-05' },
    marking,
  },
]

/** @throws where an input is no longer a detection */
export const syntheticDetections = (): readonly DetectionAsOf[] =>
  inputs.map((input) => {
    const read = readDetection(input)
    if ('refusal' in read) throw new Error(`the trial's ${input.id}: ${messageOfFault(read.refusal)}`)
    return { detection: read.detection, revision: 1, storedAt: '2024-05-20T00:00:00.000Z' }
  })

/** @param asOf ISO instant in UTC: equal instants give equal reports */
export const syntheticReport = (
  detections: readonly DetectionAsOf[],
  { asOf, taxonomy, house }: { readonly asOf: string; readonly taxonomy: Taxonomy; readonly house: Organisation },
): Report => {
  const { territory, period, cap } = syntheticEdition
  const { zone } = subjectOf(territory)
  const past = periodsBefore(period, periodsCompared)
  const seen = [...past, period]
    .flatMap(daysOf)
    .map((date) => ({ at: `${date}T00:00:00.000Z`, found: 1, marking, foundMarking: marking }) as const)
  const sources: readonly VisibleSource[] = [
    {
      name: detector.name,
      byHand: false,
      expectedRhythm: detector.expectedRhythm,
      knownError: detector.knownError,
      marking,
      inputs: seen,
      last: seen.at(-1) ?? { at: asOf, found: 0, marking, foundMarking: marking },
    },
  ]
  const tallyOf = (one: Period, known?: ReadonlySet<string>) => {
    const counter = createCounter({ period: one, zone, cap })
    for (const current of detections) counter.add(current)
    const watched = watchedIn(sources, { bounds: boundsIn(one, zone), dates: daysOf(one), zone })
    return counter.tally({ watched, known })
  }
  const before = past.map((one) => ({ period: one.id, tally: tallyOf(one) }))
  const tally = tallyOf(period, new Set(before.flatMap((one) => one.tally.threads.map(({ key }) => key))))
  const since = sinceBefore(
    tally.threads,
    before.map(({ period: id, tally: { threads } }) => ({ period: id, threads, ended: [] })),
    { ended: [], whollyWatched: () => marking },
  )
  const bodies = new Map(detections.map((one) => [one.detection.id, one]))
  const facts = factsOf(
    {
      edition: syntheticEdition,
      tally,
      before: before.map(({ period: id, tally: then }) => ({
        period: id,
        totals: then.totals,
        shares: sharesBefore(tally, then),
      })),
      since,
      threadTitles: new Map(
        titlesWanted(since).flatMap(({ id }) =>
          bodies.has(id) ? [[id, (bodies.get(id) as DetectionAsOf).detection.title]] : [],
        ),
      ),
      taxonomy,
      shown: new Map(
        toShow(tally).flatMap(({ id }) => (bodies.has(id) ? [[id, bodies.get(id) as DetectionAsOf]] : [])),
      ),
      sources,
      kept: { rejects: null, unplaced: 0, marking },
      notes: [],
      candidates: [],
      across: [],
      previous: undefined,
      gone: noneGone,
      revisedBefore: [],
      house: { ...house, organisation },
      declared: new Map(),
    },
    { number: 1, asOf, reconstructed: false, snapshotSha256: canonicalHash(inputs) },
  )
  return reportOf(facts)
}
