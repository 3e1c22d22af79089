/**
 * Compares the product's reports with the oracle's on random sets, over the whole path from a record sent in to a
 * report's facts. `VIGIE_ORACLE_RUNS` says how many sets. A failure prints the seed that repeats it.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differencesOf } from './compare.ts'
import { type Expected, expectedOf, type Held, type Sent } from './counting.ts'
import { factsOf, forgetful, storesOfFile, takeSet } from './product.ts'
import { questions, sets, watchedSets, watcherSets } from './sets.ts'

const runs = Number(process.env.VIGIE_ORACLE_RUNS ?? (process.env.VIGIE_DEEP === undefined ? 50 : 150))

const sent = (said: Partial<Sent> & Pick<Sent, 'id'>): Sent => ({
  detector: 'D3lta',
  kind: 'copy-paste',
  territories: [{ code: 'NC', method: 'explicit' }],
  observed: { from: '2024-05-15' },
  marking: 'TLP:GREEN',
  ...said,
})
const into = (...codes: readonly string[]): Sent['territories'] => codes.map((code) => ({ code, method: 'explicit' }))
const held = (...all: readonly Sent[]): readonly Held[] => all.map((one) => ({ revisions: [one], withdrawn: false }))
const ask = (all: readonly Sent[], territory = 'NC', period = '2024-W20', cap = 'TLP:AMBER'): Expected =>
  expectedOf(held(...all), [], { territory, period, cap })

describe('the oracle itself', () => {
  const mention = { hashtags: ['#a'] }
  it('does not add a part of a part to the whole, wherever what lies between them stands', () => {
    const [a, b, c] = [
      sent({ id: 'a', counts: { posts: 100 } }),
      sent({ id: 'b', partOf: 'a', territories: into('MQ'), counts: { posts: 80 } }),
      sent({ id: 'c', partOf: 'b', counts: { posts: 60 } }),
    ]
    expect(ask([a, b, c]).totals.posts).toMatchObject({ value: 100 })
    const later = { ...b, observed: { from: '2024-05-22' } }
    expect(ask([a, later, c]).totals.posts).toMatchObject({ value: 100 })
    expect(ask([a, later, c], 'NC', '2024-05').totals.posts).toMatchObject({ value: 100 })
    const hidden = { ...b, marking: 'TLP:RED' }
    expect(ask([a, hidden, c]).totals.posts).toEqual({ value: 100, qualifier: 'at least', atMost: 160 })
    expect(ask([a, hidden, c], 'NC', '2024-W20', 'TLP:RED').totals.posts).toMatchObject({ value: 100 })
  })
  it('counts the story’s campaign in all territories once: 7,000 and 5,332', () => {
    const campaign = 'BIG'
    const burst = { campaign, platforms: ['X'], counts: { posts: { value: 7_000, qualifier: 'at least' as const } } }
    const whole = {
      id: 'photo',
      campaign,
      platforms: ['X', 'Facebook'],
      observed: { from: '2024-05-15', to: '2024-05-16' },
    }
    const said = ask([
      sent({ id: 'burst', ...burst, territories: into('NC', 'COR', 'MQ'), observed: { from: '2023-07' } }),
      sent({ ...whole, counts: { posts: { value: 5_000, qualifier: 'at least' } } }),
      sent({ id: 'on-x', partOf: 'photo', campaign, platforms: ['X'], counts: { posts: 5_187 } }),
      sent({ id: 'on-facebook', partOf: 'photo', campaign, platforms: ['Facebook'], counts: { posts: 145 } }),
      sent({ id: 'videos', campaign, territories: into('MQ'), observed: { from: '2024-10-08' }, counts: { posts: 1 } }),
    ])
    expect(said.totals.posts).toEqual({ value: 5_332, qualifier: 'at least' })
    expect(said.across.photo?.total).toEqual({ detections: 4, posts: { value: 12_332, qualifier: 'at least' } })
    expect(said.across.photo?.rows.MQ?.posts).toEqual({ value: 7_000, qualifier: 'at least' })
  })
  it('counts the manoeuvre’s own parts, and what only a part leads to, in other territories', () => {
    const all = [
      sent({ id: 'w', ...mention, counts: { posts: 100 } }),
      sent({ id: 'p', partOf: 'w', counts: { posts: 90 } }),
      sent({ id: 'q', partOf: 'w', counts: { posts: 60 } }),
      sent({ id: 'g', ...mention, territories: into('GP'), counts: { posts: 5 } }),
    ]
    expect(ask(all).totals.posts.value).toBe(150)
    expect(ask(all).across.w?.total.posts.value).toBe(155)
    const [w, ...others] = all
    const part = { ...sent({ id: 'p', partOf: 'w', ...mention, counts: { posts: 90 } }) }
    expect(ask([{ ...(w ?? part), hashtags: [] }, part, ...others.slice(1)]).across.w?.rows.GP?.posts.value).toBe(5)
  })
  it('tells 0, not given and not watched apart', () => {
    const watch = (ran: string, rhythmHours: number) => [{ name: 'Watch', rhythmHours, inputs: [ran] }]
    const quiet = (ran: string, cap = 'TLP:AMBER', rhythmHours = 24) =>
      expectedOf([], watch(ran, rhythmHours), { territory: 'PF', period: '2024-W20', cap }).totals.posts
    expect(quiet('2024-05-15T00:00:00Z')).toEqual({ value: 0, qualifier: 'at least' })
    expect(quiet('2024-05-20T09:00:00Z', 'TLP:AMBER', 71)).toEqual({ value: 0, qualifier: 'at least' })
    expect(quiet('2024-05-20T09:00:00Z', 'TLP:AMBER', 84)).toEqual({ value: 0, qualifier: 'exact' })
    expect(quiet('2024-05-21T00:00:00Z')).toEqual({ value: null, qualifier: 'not watched' })
    expect(quiet('2024-05-15T00:00:00Z', 'TLP:GREEN')).toEqual({ value: null, qualifier: 'not watched' })
    const event = sent({ id: 'e', kind: 'offline-event' })
    expect(ask([event]).totals.posts).toEqual({ value: null, qualifier: 'not given' })
    expect(ask([event, sent({ id: 'a', counts: { posts: 3 } })]).totals.posts).toEqual({ value: 3, qualifier: 'exact' })
  })
  it('counts the larger of two detectors that saw the same posts, with the sum as a ceiling', () => {
    const print = { fingerprints: [{ algorithm: 'text', value: 'f' }] }
    const all = [
      sent({ id: 'a', ...print, counts: { posts: 30 } }),
      sent({ id: 'b', ...print, detector: 'CooRTweet', counts: { posts: 20 } }),
    ]
    expect(ask(all).totals.posts).toEqual({ value: 30, qualifier: 'at least', atMost: 50 })
    expect(ask(all).apart).toEqual({ a: [], b: ['posts'] })
    const alone = all.map((one) => ({ ...one, detector: 'D3lta' }))
    expect(ask(alone).totals.posts).toEqual({ value: 50, qualifier: 'exact' })
  })
  it('has a platform’s figure a floor where another detection spans several', () => {
    const said = ask([
      sent({ id: 'a', platforms: ['X'], counts: { posts: 30 } }),
      sent({ id: 'b', platforms: ['X', 'Facebook'], counts: { posts: 20 } }),
    ])
    expect(said.platforms.x?.posts).toEqual({ value: 30, qualifier: 'at least' })
    expect(said.platforms.facebook?.posts).toEqual({ value: null, qualifier: 'not given' })
  })
  it('takes coordinated accounts for participating ones', () => {
    const { totals } = ask([
      sent({
        id: 'a',
        counts: {
          accounts: { value: 50, qualifier: 'at least' },
          coordinatedAccounts: { value: 80, qualifier: 'at least' },
        },
      }),
    ])
    expect(totals.accounts).toEqual({ value: 80, qualifier: 'at least' })
  })
  it('gives the days of a whole or of its parts, whichever is more, and never both', () => {
    const daysOf = (own: number) => {
      const whole = sent({ id: 'w', observed: { from: '2024-05-14' }, counts: { posts: own } })
      const said = ask([whole, sent({ id: 'p', partOf: 'w', counts: { posts: 5 } })])
      return [said.days['2024-05-14']?.posts, said.days['2024-05-15']?.posts, said.undated.posts.value]
    }
    const [five, none] = [
      { value: 5, qualifier: 'at least' },
      { value: null, qualifier: 'not given' },
    ]
    expect(daysOf(4)).toEqual([none, five, 0])
    expect(daysOf(5)).toEqual([five, none, 0])
  })
  it('puts on no day what is known for several together', () => {
    const said = ask([
      sent({
        id: 'i',
        kind: 'infrastructure',
        observed: { from: '2024-05-15', to: '2024-05-16' },
        counts: { posts: 27 },
      }),
      sent({ id: 'a', counts: { posts: 2_416 } }),
    ])
    expect(said.days['2024-05-15']?.posts).toEqual({ value: 2_416, qualifier: 'at least' })
    expect(said.days['2024-05-16']?.posts).toEqual({ value: null, qualifier: 'not given' })
    expect(said.undated.posts).toMatchObject({ value: 27 })
  })
})

describe('the product and the oracle', () => {
  const stores = storesOfFile()

  it('say the same of own and joint posts, of which parts are not known or seen twice', async () => {
    const posts = (value: number) => ({ counts: { posts: value } })
    const print = { fingerprints: [{ algorithm: 'text', value: 'f' }], territories: into('NC', 'COR') }
    const own = sent({ id: 'own', ...posts(12) })
    const two = sent({ id: 'two', territories: into('NC', 'COR'), ...posts(10) })
    const silent = sent({ id: 'silent', territories: into('NC', 'PF', 'MQ') })
    const twice = [sent({ id: 'a', ...print, ...posts(30) }), sent({ id: 'b', ...print, ...posts(20), detector: 'Q' })]
    const other = sent({ id: 'other', territories: into('NC', 'PF'), ...posts(3) })
    const floor = { value: 10, qualifier: 'at least' }
    const exact = { value: 12, qualifier: 'exact' }
    expect(ask([own, two, silent]).joint).toMatchObject({ posts: floor, own: exact, differ: false })
    expect(ask([own, two, other]).joint).toMatchObject({ posts: { value: 13, qualifier: 'exact' }, differ: true })
    expect(ask([own, ...twice]).joint).toMatchObject({ posts: { value: 30, qualifier: 'at least' }, own: exact })
    for (const all of [
      [own, two, silent],
      [own, two, other],
      [own, ...twice],
      [two, sent({ id: 'mute' })],
    ]) {
      const store = await stores.open()
      const titled = all.map((one) => ({ ...one, title: { en: one.id } }))
      await takeSet(store, held(...titled), [])
      const question = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER' }
      const lines = differencesOf(ask(all), await factsOf(store, question), question)
      expect(lines).toEqual([])
    }
  })

  it(`say the same of what has ended, of ${Math.ceil(runs / 3)} sets that one source watched`, async () => {
    let ended = 0
    const property = fc.asyncProperty(watchedSets, questions, async ({ all, watchers }, asked) => {
      const store = await stores.open()
      await takeSet(store, all, watchers, asked)
      for (const question of asked) {
        const expected = expectedOf(all, watchers, question)
        ended += expected.since.ended.length
        const lines = differencesOf(expected, await factsOf(store, question), question)
        if (lines.length > 0)
          throw new Error([...lines.slice(0, 5), JSON.stringify(all), JSON.stringify(watchers)].join('\n'))
      }
    })
    await fc.assert(property, { numRuns: Math.ceil(runs / 3) })
    expect(ended).toBeGreaterThan(0)
  })

  it(`say the same of ${runs} random sets`, async () => {
    const property = fc.asyncProperty(sets, watcherSets, questions, async (all, watchers, asked) => {
      const store = await stores.open()
      await takeSet(store, all, watchers, asked)
      for (const question of asked) {
        // With what reports made in between have kept, and with nothing.
        for (const known of [store, forgetful(store)]) {
          const lines = differencesOf(expectedOf(all, watchers, question), await factsOf(known, question), question)
          if (lines.length > 0) throw new Error(lines.slice(0, 5).join('\n'))
        }
      }
    })
    const found = await fc.check(property, { numRuns: runs, endOnFailure: false })
    if (!found.failed) return
    const [all = [], watchers = [], asked = []] = found.counterexample ?? []
    const told = [
      found.errorInstance instanceof Error ? found.errorInstance.message : String(found.errorInstance),
      ...all.map(
        ({ revisions, withdrawn }) =>
          `  ${withdrawn ? '(withdrawn) ' : ''}${revisions.map((one) => JSON.stringify(one)).join('\n    then ')}`,
      ),
      ...watchers.map((one) => `  ${JSON.stringify(one)}`),
      `  asked: ${asked.map((one) => Object.values(one).join(' ')).join(', ')}`,
      `  after ${found.numRuns} sets; again by VIGIE_TEST_SEED=${found.seed} VIGIE_ORACLE_RUNS=${runs}`,
    ]
    expect.fail(told.join('\n'))
  })
})
