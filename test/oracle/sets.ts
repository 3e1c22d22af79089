/**
 * Small, dense sets of detections for the oracle: few ids, days, zones and names, so that everything meets everything.
 */
import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { type Held, markings, type Question, type Sent, type Stated, type Watcher, zones } from './counting.ts'

/**
 * Given so many times for each time that it is left out; fast-check leaves out once in `freq` times, so never give it
 * 1.
 */
const maybe = <Value>(value: fc.Arbitrary<Value>, times: number) =>
  fc.option(value, { nil: undefined, freq: times + 1 })

const ids = ['d1', 'd2', 'd3', 'd4', 'd5', 'd6', 'd7', 'd8'] as const
/** Two that are never stored. */
const named = [...ids, 'gone-1', 'gone-2']

export const territories = ['NC', 'PF', 'MQ', 'COR'] as const

const dayAt = (days: number): string => Temporal.PlainDate.from('2024-05-13').add({ days }).toString()

/** A second before, at and after local midnights, some of them where summer time begins, and a plain noon. */
const instants = fc
  .record({
    day: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(0, 1, 2, 6, 7, -44, -43, -42) },
      { weight: 1, arbitrary: fc.integer({ min: -9, max: 10 }) },
    ),
    zone: fc.constantFrom('UTC', ...territories.map((territory) => zones[territory] ?? 'UTC')),
    seconds: fc.constantFrom(-1, 0, 1, 43_200),
    lasts: maybe(fc.constantFrom(0, 3_600, 86_400, 8 * 86_400), 2),
  })
  .map(({ day, zone, seconds, lasts }) => {
    const from = Temporal.PlainDate.from(dayAt(day)).toZonedDateTime(zone).add({ seconds })
    return {
      from: from.toInstant().toString(),
      ...(lasts !== undefined && { to: from.add({ seconds: lasts }).toInstant().toString() }),
    }
  })

const someDays = fc
  .record({
    day: fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 6 }) },
      { weight: 1, arbitrary: fc.integer({ min: -110, max: 12 }) },
    ),
    lasts: fc.constantFrom(undefined, undefined, 0, 1, 2, 7, 70),
  })
  .map(({ day, lasts }) => ({ from: dayAt(day), ...(lasts !== undefined && { to: dayAt(day + lasts) }) }))

const someMonths = fc.constantFrom<Sent['observed']>(
  { from: '2024-04' },
  { from: '2024-05' },
  { from: '2024-05', to: '2024-06' },
  { from: '2024-04', to: '2024-06' },
)

const observed = fc.oneof(
  { weight: 4, arbitrary: someDays },
  { weight: 2, arbitrary: instants },
  { weight: 1, arbitrary: someMonths },
)

const number = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 9_999 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 7) },
)
const stated = fc.oneof(
  { weight: 2, arbitrary: number },
  {
    weight: 1,
    arbitrary: fc.record({ value: number, qualifier: fc.constantFrom('at least' as const, 'about' as const) }),
  },
)

const pseudonyms = ['acct-1', 'acct-2', 'acct-3', 'acct-4', 'acct-5']

/** References, and a stated number that is never less than they are many. */
const accounts = fc
  .record({
    refs: maybe(fc.subarray(pseudonyms, { minLength: 1 }), 1),
    coordinated: maybe(fc.subarray(pseudonyms, { minLength: 1 }), 1),
    stated: maybe(
      fc.record({
        more: fc.constantFrom(0, 0, 3, 40),
        qualifier: fc.constantFrom('exact' as const, 'exact' as const, 'at least' as const, 'about' as const),
      }),
      1,
    ),
    statedCoordinated: maybe(
      fc.record({ more: fc.constantFrom(0, 2, 60), qualifier: fc.constantFrom('exact' as const, 'at least' as const) }),
      1,
    ),
  })
  .map(({ refs, coordinated, stated, statedCoordinated }) => {
    const those = refs && coordinated ? coordinated.filter((one) => refs.includes(one)) : coordinated
    const coordinatedRefs = those && those.length > 0 ? those : undefined
    const withMore = (number: { more: number; qualifier: 'exact' | 'at least' | 'about' } | undefined, least: number) =>
      number && { value: least + number.more, qualifier: number.qualifier }
    return {
      ...(refs && { accountRefs: refs }),
      ...(coordinatedRefs && { coordinatedAccountRefs: coordinatedRefs }),
      accounts: withMore(stated, new Set([...(refs ?? []), ...(coordinatedRefs ?? [])]).size),
      coordinatedAccounts: withMore(statedCoordinated, coordinatedRefs?.length ?? 0),
    }
  })

/** What an attribution rests on: nothing that is told, a fact of no basis, or one. */
const linkOf = (actor: string): { readonly links?: readonly object[] } => {
  if (actor === 'bare') return {}
  const fact = { from: { name: 'A group', kind: 'group' }, to: { name: 'A state', kind: 'state' }, fact: 'One server' }
  return { links: [{ ...fact, attributedBy: 'VIGINUM', ...(actor === 'with a basis' && { basis: 'technical' }) }] }
}

const detectors = ['D3lta', 'CooRTweet', 'Cellule'] as const

const body = fc
  .record({
    partOf: maybe(fc.constantFrom(...named), 1),
    kind: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('copy-paste', 'video', 'campaign') },
      { weight: 1, arbitrary: fc.constantFrom('offline-event', 'infrastructure') },
    ),
    territories: fc
      .oneof(
        { weight: 3, arbitrary: fc.constant<(typeof territories)[number][]>(['NC']) },
        { weight: 2, arbitrary: fc.subarray([...territories], { minLength: 1, maxLength: 2 }) },
        { weight: 1, arbitrary: fc.constant([...territories]) },
      )
      .map((codes): readonly string[] => codes),
    observed,
    platforms: fc.subarray(['X', 'Facebook', 'Telegram']),
    posts: maybe(stated, 3),
    reposts: maybe(stated, 1),
    videos: maybe(stated, 1),
    views: maybe(stated, 1),
    byDay: maybe(fc.array(fc.record({ at: fc.nat(6), posts: maybe(stated, 5) }), { minLength: 1, maxLength: 3 }), 1),
    byPlatform: maybe(fc.array(maybe(stated, 5), { minLength: 1, maxLength: 3 }), 1),
    accounts,
    campaign: maybe(fc.constantFrom('Alpha', 'alpha', 'Beta'), 1),
    hasSet: fc.boolean(),
    observedEffect: maybe(
      fc.constantFrom(
        ...([
          { state: 'none' },
          { state: 'none' },
          { state: 'not assessed' },
          { state: 'observed' },
          { state: 'observed', degree: 'act' },
          { state: 'observed', degree: 'media' },
          { state: 'observed', degree: 'online' },
        ] as const),
      ),
      1,
    ),
    breakout: maybe(fc.constantFrom(1, 2, 3, 3, 4, 5, 6), 1),
    actor: maybe(fc.constantFrom('bare', 'with a link', 'with a basis'), 1),
    hashtags: fc.subarray(['#a', '#b']),
    narratives: fc.subarray(['One story', 'Another story']),
    languages: fc.subarray(['fr', 'en']),
    fingerprints: fc.oneof(
      { weight: 2, arbitrary: fc.constant<string[]>([]) },
      { weight: 1, arbitrary: fc.subarray(['f1', 'f2'], { minLength: 1 }) },
    ),
    urls: fc.oneof(
      { weight: 3, arbitrary: fc.constant<string[]>([]) },
      { weight: 1, arbitrary: fc.subarray(['https://post.example/1', 'https://post.example/2'], { minLength: 1 }) },
    ),
    marking: fc.nat(4),
  })
  .map((said) => {
    const {
      partOf,
      byDay,
      byPlatform,
      accounts,
      campaign,
      hasSet,
      observedEffect,
      breakout,
      actor,
      fingerprints,
      urls,
      narratives,
      posts,
      reposts,
      videos,
      views,
      ...plain
    } = said
    const { from, to = from } = plain.observed
    const days = byDay?.flatMap(({ at, posts }) => {
      const day = from.length === 10 ? Temporal.PlainDate.from(from).add({ days: at }).toString() : undefined
      return day !== undefined && day <= to ? [{ day, ...(posts !== undefined && { posts }) }] : []
    })
    const distinctDays = [...new Map(days?.map((one) => [one.day, one])).values()]
    const onPlatforms = plain.platforms.slice(0, byPlatform?.length ?? 0).map((platform, at) => {
      const posts = byPlatform?.[at]
      return { platform, ...(posts !== undefined && { posts }) }
    })
    const { accountRefs, coordinatedAccountRefs, ...numbers } = accounts
    const counts = {
      ...Object.fromEntries(
        Object.entries({ posts, reposts, videos, views, ...numbers }).filter(([, one]) => one !== undefined),
      ),
      ...(distinctDays.length > 0 && { byDay: distinctDays }),
      ...(onPlatforms.length > 0 && { byPlatform: onPlatforms }),
    }
    return {
      ...(partOf !== undefined && { partOf }),
      ...plain,
      territories: plain.territories.map((code) =>
        plain.territories.length > 2 ? { code, method: 'group', via: 'everywhere' } : { code, method: 'explicit' },
      ),
      ...(Object.keys(counts).length > 0 && { counts }),
      ...(accountRefs && { accountRefs }),
      ...(coordinatedAccountRefs && { coordinatedAccountRefs }),
      ...(campaign !== undefined && { campaign }),
      ...(observedEffect && { observedEffect }),
      ...(breakout !== undefined && { breakout: { category: breakout } }),
      ...(actor && { actor: { name: 'A group', attributedBy: 'VIGINUM', ...linkOf(actor) } }),
      ...(hasSet && { accountSet: { id: 's1', name: 'A set', size: 9 } }),
      narratives,
      fingerprints: fingerprints.map((value) => ({ algorithm: 'text', value })),
      ...(urls.length > 0 && { indicators: urls.map((value) => ({ type: 'url', value })) }),
    }
  })

type Body = typeof body extends fc.Arbitrary<infer Value> ? Value : never

/**
 * An id keeps its detector, and its marking never falls: what breaks this waits for a person, and is another test's.
 */
const heldOf = (id: string, detector: string, bodies: readonly Body[], isWithdrawn: boolean): Held => {
  const levels = bodies.map(({ marking }) => marking)
  return {
    withdrawn: isWithdrawn,
    revisions: bodies.map(({ partOf, marking: _marking, ...rest }, at) => ({
      id,
      detector,
      title: { fr: `Constat ${id}`, en: `Finding ${id}` },
      ...rest,
      ...(partOf !== undefined && partOf !== id && { partOf }),
      marking: markings[Math.max(...levels.slice(0, at + 1))] ?? 'TLP:RED',
    })),
  }
}

export const sets: fc.Arbitrary<readonly Held[]> = fc
  .uniqueArray(
    fc.record({
      id: fc.constantFrom(...ids),
      detector: fc.constantFrom(...detectors),
      bodies: fc.oneof(
        { weight: 4, arbitrary: fc.array(body, { minLength: 1, maxLength: 1 }) },
        { weight: 1, arbitrary: fc.array(body, { minLength: 2, maxLength: 3 }) },
      ),
      isWithdrawn: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    }),
    { selector: ({ id }) => id, minLength: 1, maxLength: ids.length },
  )
  .map((all) => all.map(({ id, detector, bodies, isWithdrawn }) => heldOf(id, detector, bodies, isWithdrawn)))

/** Sources with their words of runs. */
export const watcherSets: fc.Arbitrary<readonly Watcher[]> = fc.uniqueArray(
  fc
    .record({
      // One of them finds detections too.
      name: fc.constantFrom('Watch A', 'Watch B', 'D3lta'),
      marking: maybe(fc.constantFrom(...markings), 2),
      territories: maybe(fc.subarray([...territories], { minLength: 1 }), 1),
      rhythmHours: fc.constantFrom(undefined, 6, 24, 168),
      inputs: fc.uniqueArray(
        fc.integer({ min: -1_600, max: 300 }).map((hours) =>
          // Minutes past the hour: never at a bound, of which another test tells.
          Temporal.Instant.from('2024-05-13T00:17:00Z').add({ hours }).toString(),
        ),
        { minLength: 1, maxLength: 5 },
      ),
    })
    .map(({ marking, territories, rhythmHours, ...said }) => ({
      ...said,
      ...(marking !== undefined && { marking }),
      ...(territories !== undefined && { territories }),
      ...(rhythmHours !== undefined && { rhythmHours }),
    })),
  { selector: ({ name }) => name, maxLength: 2 },
)

/** Of years there are few: each reads nine of them, a day at a time. */
const somePeriod = fc.oneof(
  { weight: 12, arbitrary: fc.constant('2024-W20') },
  { weight: 6, arbitrary: fc.constantFrom('2024-W19', '2024-W21') },
  { weight: 4, arbitrary: fc.constant('2024-05') },
  { weight: 1, arbitrary: fc.constantFrom('2024', '2024-Q2') },
  // In it Paris goes over to summer time.
  { weight: 2, arbitrary: fc.constant('2024-W13') },
)

export const questions: fc.Arbitrary<readonly Question[]> = fc.array(
  fc
    .record({
      territory: fc.oneof(
        { weight: 2, arbitrary: fc.constant('NC') },
        { weight: 1, arbitrary: fc.constantFrom(...territories) },
      ),
      period: somePeriod,
      cap: fc.constantFrom(...markings),
      rounds: fc.oneof(
        { weight: 6, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom(1, 2) },
      ),
    })
    .map(({ rounds, ...question }): Question => (rounds === undefined ? question : { ...question, rounds })),
  { minLength: 1, maxLength: 3 },
)

/** Two revisions of one more detection, which others may name as their whole; the markings are the test's to give. */
export const anothers: fc.Arbitrary<readonly [Sent, Sent]> = fc
  .record({
    id: fc.constantFrom('gone-1', 'd9'),
    detector: fc.constantFrom(...detectors, 'Unseen'),
    bodies: fc.tuple(body, body),
  })
  .map(({ id, detector, bodies: [first, second] }) => {
    const [one, two] = heldOf(id, detector, [first, second], false).revisions
    if (!one || !two) throw new Error('two bodies make two revisions')
    return [one, two]
  })

/** One source that finds everything and runs once a day, but for a few days: what has ended can be told. */
export const watchedSets: fc.Arbitrary<{ readonly all: readonly Held[]; readonly watchers: readonly Watcher[] }> = fc
  .record({
    all: sets,
    marking: fc.constantFrom(...markings),
    silent: fc.uniqueArray(fc.integer({ min: -20, max: 10 }), { maxLength: 2 }),
  })
  .map(({ all, marking, silent }) => ({
    all: all.map((held) => ({ ...held, revisions: held.revisions.map((one) => ({ ...one, detector: 'D3lta' })) })),
    watchers: [
      {
        name: 'D3lta',
        marking,
        rhythmHours: 6,
        inputs: Array.from({ length: 85 }, (_, at) => at - 70)
          .filter((day) => !silent.includes(day))
          .map((day) =>
            Temporal.Instant.from('2024-05-13T12:17:00Z')
              .add({ hours: 24 * day })
              .toString(),
          ),
      },
    ],
  }))

const amount = (numbers: fc.Arbitrary<number>) =>
  fc.oneof(
    { weight: 8, arbitrary: numbers },
    ...(['at least', 'about'] as const).map((qualifier) => ({
      weight: 1,
      arbitrary: numbers.map((value) => ({ value, qualifier })),
    })),
  )

const outcome = fc
  .record({
    degree: fc.constantFrom(undefined, 'act' as const, 'media' as const, 'online' as const),
    source: fc.constantFrom(undefined, 'AFP', 'afp', 'NC La 1ère'),
    category: fc.constantFrom(3, 4, 5, 6),
    basis: fc.constantFrom(undefined, 'amplified', 'decided', 'debunked', 'violence'),
    hasText: fc.constantFrom(true, true, false),
    isByHand: fc.boolean(),
    is: fc.constantFrom('effect', 'breakout', 'both'),
    reliability: fc.constantFrom(undefined, 'B', 'F'),
    credibility: fc.constantFrom(undefined, 2, 5),
  })
  .map(({ degree, source, category, basis, hasText, isByHand, is, reliability, credibility }) => {
    const confirmed = isByHand && { confirmed: { by: 'Ana' } }
    return {
      ...(isByHand && { detector: { name: 'Ana', byHand: true as const } }),
      ...(is !== 'breakout' && {
        observedEffect: {
          ...{ state: 'observed' as const, ...(degree && { degree }), ...(source && { source }) },
          ...(hasText && { text: 'A crowd came', ...confirmed }),
        },
      }),
      ...(is !== 'effect' && {
        breakout: { category, ...(basis && { basis }), ...(hasText && { evidence: 'On the radio', ...confirmed }) },
      }),
      ...(reliability && { reliability }),
      ...(credibility && { credibility }),
    }
  })

/** Weeks of about the same size before and after 2024-W20, some of them with a peak; and a watch with gaps. */
export const historySets: fc.Arbitrary<{ readonly all: readonly Held[]; readonly watchers: readonly Watcher[] }> = fc
  .record({
    base: fc.constantFrom(1, 12, 40, 40, 90),
    /** Exact figures under a whole watch. */
    isPlain: fc.boolean(),
    leastMarked: fc.constantFrom(0, 0, 2, 60),
    first: fc.constantFrom(-30, -30, -26, -14, -6, 0),
    since: fc.constantFrom(-220, -220, -220, -20),
    last: fc.constantFrom(0.2, 0.2, 0.2, 1, 4, 15),
    isGrowing: fc.constantFrom(false, false, false, true),
    weeks: fc.array(
      fc.record({
        times: fc.constantFrom(0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4, 15),
        found: fc.array(
          fc.record({
            ...{ day: fc.nat(6), posts: maybe(amount(fc.integer({ min: 9, max: 11 })), 20), isMonth: fc.nat(40) },
            ...{ accounts: maybe(amount(fc.nat(5)), 1), videos: maybe(amount(fc.nat(3)), 1), marking: fc.nat(59) },
            detector: fc.constantFrom(...detectors),
            outcome: maybe(outcome, 1),
            isCalm: fc.nat(9),
            places: fc.nat(29),
            isPart: fc.nat(9),
          }),
          { minLength: 1, maxLength: 3 },
        ),
      }),
      { minLength: 32, maxLength: 32 },
    ),
    rhythmHours: fc.constantFrom(undefined, 72, 168),
    silent: fc.uniqueArray(fc.integer({ min: -30, max: 1 }), { maxLength: 6 }),
    territories: maybe(fc.constantFrom(['NC'], ['NC', 'PF']), 1),
  })
  .map(
    ({
      base,
      isPlain,
      leastMarked,
      first,
      since,
      last,
      isGrowing,
      weeks,
      rhythmHours,
      silent,
      territories: watched,
    }) => {
      const scaled = (stated: Stated | undefined, by: number): Stated | undefined => {
        if (stated === undefined) return undefined
        const { value, qualifier } = typeof stated === 'number' ? { value: stated } : stated
        const number = Math.round(value * by)
        return qualifier && !isPlain ? { value: number, qualifier } : number
      }
      const all = weeks.flatMap(({ times, found }, at) =>
        at - 30 < first || times === 0
          ? []
          : found.map(({ outcome: stated, ...one }, number): Held => {
              const trend = isGrowing ? 2.4 * 1.15 ** (at - 30) : at === 30 ? last : 1
              const by = (times * base * trend) / 10 / found.length
              const counts = Object.entries({
                posts: scaled(one.posts ?? (isPlain ? 10 : undefined), by),
                accounts: scaled(one.accounts, times),
                videos: scaled(one.videos, times),
              }).filter(([, value]) => value !== undefined)
              const day = dayAt(7 * (at - 30) + one.day)
              const codes = one.places === 0 ? ['NC', 'PF', 'MQ'] : one.places === 1 ? ['NC', 'PF'] : ['NC']
              const sent: Sent = {
                ...{ id: `w${at}-${number}`, detector: one.detector, kind: 'copy-paste' },
                ...{ title: { fr: 'Constat', en: 'Finding' }, hashtags: [], platforms: ['X'] },
                territories: codes.map((code) =>
                  codes.length > 2 ? { code, method: 'group', via: 'everywhere' } : { code, method: 'explicit' },
                ),
                observed: { from: one.isMonth === 0 ? day.slice(0, 7) : day },
                ...(counts.length > 0 && { counts: Object.fromEntries(counts) }),
                ...(one.isCalm === 0 && stated),
                ...(one.isPart === 0 && number > 0 && !isPlain && { partOf: `w${at}-0` }),
                marking: one.marking < leastMarked / 2 ? 'TLP:RED' : one.marking < 20 ? 'TLP:GREEN' : 'TLP:AMBER',
              }
              return { revisions: [sent], withdrawn: false }
            }),
      )
      const every = rhythmHours === 168 ? 7 : rhythmHours === 72 ? 3 : 1
      const inputs = Array.from({ length: 240 }, (_, at) => at - 220).filter(
        (day) => day >= since && day % every === 0 && (isPlain || !silent.includes(Math.floor(day / 7))),
      )
      const watcher = {
        ...{ name: 'Watch A', ...(watched && { territories: watched }), ...(rhythmHours && { rhythmHours }) },
        inputs: inputs.map((day) => Temporal.Instant.from(`${dayAt(day)}T00:17:00Z`).toString()),
      }
      return { all, watchers: [watcher] }
    },
  )
