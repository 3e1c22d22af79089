/**
 * Compares a campaign's dossier with the oracle's count, and says what of it may depend on what. The oracle knows no
 * dossiers: it is asked for one territory and the year of all, in which only what is of the campaign is.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messageOf } from '../../../lambdas/domain/core/text/thrown.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { campaignCode } from '../../../lambdas/domain/detection/campaigns.ts'
import { draftFacts } from '../../../lambdas/usecases/reports/generate-report.ts'
import { RefusedReportError } from '../../../lambdas/usecases/reports/reading/refused-report.ts'
import {
  asFloor,
  expectedOf,
  type Held,
  isPublic,
  localDays,
  markings,
  type Sent,
  type Told,
} from '../../oracle/counting.ts'
import { alwaysHidden, openStores, type Store, type Stores, takeSet } from '../../oracle/product.ts'
import { anothers, sets } from '../../oracle/sets.ts'

const runs = Number(process.env.VIGIE_ORACLE_RUNS ?? 20)
/** All that the sets hold is of this year, so that the oracle's year is the dossier's whole time. */
const until = '2024'

let stores: Stores
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores.close())

const named = ({ campaign }: Sent): string | undefined => campaign?.toLowerCase()

/** The nearest name up the chain of wholes, as far as something shows; its own comes first. */
const campaignOf = (sent: Sent, seen: ReadonlyMap<string, Sent>): string | undefined => {
  const passed = new Set<string>()
  for (let at: Sent | undefined = sent; at && !passed.has(at.id); at = seen.get(at.partOf ?? '')) {
    if (at.campaign !== undefined) return named(at)
    passed.add(at.id)
  }
  return undefined
}

/** The first month in which any of its territories saw it. */
const firstMonth = (sent: Sent): string =>
  sent.territories
    .map(({ code }) => localDays(sent, code).first.slice(0, 7))
    .toSorted()
    .at(0) ?? ''

/** As one territory saw it, in the local days of whoever saw it first. */
const asOne = (sent: Sent): Sent => {
  const territories = [{ code: 'NC', method: 'explicit' }]
  if (sent.observed.from.length === 7) return { ...sent, territories, statedIn: sent.territories }
  const [first] = sent.territories
    .map(({ code }) => localDays(sent, code))
    .toSorted((a, b) => (a.first < b.first ? -1 : 1))
  return first
    ? { ...sent, territories, statedIn: sent.territories, observed: { from: first.first, to: first.last } }
    : sent
}

/** What is of the campaign is in one territory, and all else in another. */
const worldOf = (all: readonly Held[], cap: string): { readonly held: readonly Held[]; readonly others: number } => {
  const last = ({ revisions, withdrawn }: Held): readonly Sent[] => (withdrawn ? [] : revisions.slice(-1))
  const level = (marking: string) => markings.indexOf(marking as (typeof markings)[number])
  const under = (upTo: string) =>
    new Map(all.flatMap(last).flatMap((one) => (level(one.marking) <= level(upTo) ? [[one.id, one] as const] : [])))
  const [shown, stored] = [under(cap), under('TLP:RED')]
  const since = [...shown.values()]
    .filter((one) => named(one) === 'alpha')
    .map(firstMonth)
    .toSorted()
    .at(0)
  const isPart = (one: Sent, seen: ReadonlyMap<string, Sent>) =>
    since !== undefined && one.campaign === undefined && firstMonth(one) >= since && campaignOf(one, seen) === 'alpha'
  const isOf = (one: Sent) => named(one) === 'alpha' || isPart(one, shown.has(one.id) ? shown : stored)
  const others = [...shown.values()].filter((one) => {
    const whole = shown.get(one.partOf ?? '')
    const isAnothers = one.campaign !== undefined && named(one) !== 'alpha'
    return (
      isAnothers && since !== undefined && firstMonth(one) >= since && whole && campaignOf(whole, shown) === 'alpha'
    )
  })
  const held = all.map((one) => ({
    ...one,
    revisions: one.revisions.map((sent) =>
      last(one).includes(sent) && isOf(sent)
        ? asOne(sent)
        : { ...sent, territories: [{ code: 'COR', method: 'explicit' }] },
    ),
  }))
  return { held, others: others.length }
}

/** No source watched, so that there may be more. */
const floored = (totals: Readonly<Record<string, number | Told>>): Readonly<Record<string, number | Told>> =>
  Object.fromEntries(
    Object.entries(totals).map(([name, told]) => [name, typeof told === 'object' ? asFloor(told) : told]),
  )

/** The facts as JSON has them; undefined where no such campaign is known. */
const dossierOf = async ({ services }: Store, cap: string, campaign = 'Alpha') => {
  const request = { territory: campaignCode('Alpha'), period: parsePeriod(until), cap, campaign } as const
  try {
    return JSON.parse(JSON.stringify(await draftFacts(request as Parameters<typeof draftFacts>[0], services)))
  } catch (error) {
    if (error instanceof RefusedReportError && error.fault.code === 'dossier.unknown') return undefined
    throw error
  }
}

const written = (all: readonly Held[]): string =>
  all
    .map(({ revisions, withdrawn }) => `  ${withdrawn ? '(withdrawn) ' : ''}${JSON.stringify(revisions.at(-1))}`)
    .join('\n')

const check = async <Values>(property: fc.IAsyncProperty<Values>): Promise<void> => {
  const found = await fc.check(property, { numRuns: runs })
  if (!found.failed) return
  const { errorInstance: error, numRuns } = found
  const again = `after ${numRuns} sets; again by VIGIE_TEST_SEED=${found.seed} VIGIE_ORACLE_RUNS=${runs}`
  expect.fail(`${messageOf(error)}\n  ${again}`)
}

const caps = fc.constantFrom(...markings)

describe('a dossier and the oracle', () => {
  it(
    `say the same of ${runs} random sets`,
    () =>
      check(
        fc.asyncProperty(sets, caps, async (all, cap) => {
          const store = await stores.open()
          await takeSet(store, all, [], [])
          const { held, others } = worldOf(all, cap)
          const expected = expectedOf(held, [], { territory: 'NC', period: until, cap })
          const facts = await dossierOf(store, cap)
          const context = `cap ${cap}\n${written(all)}`
          if (!facts) {
            expect(expected.totals.detections, context).toBe(0)
            return
          }
          const told = Object.fromEntries(Object.keys(expected.totals).map((name) => [name, facts.totals[name]]))
          expect(told, context).toEqual(floored(expected.totals))
          for (const list of ['platforms', 'kinds', 'hashtags', 'narratives'] as const) {
            const rows = (facts[list] as readonly { name: string; detections: number; posts: Told }[]).map(
              ({ name, detections, posts }) => [name.toLowerCase(), { detections, posts }] as const,
            )
            const wanted = Object.entries(expected[list]).map(
              ([name, { detections, posts }]) => [name.toLowerCase(), { detections, ...floored({ posts }) }] as const,
            )
            expect(Object.fromEntries(rows), `${list}, ${context}`).toEqual(Object.fromEntries(wanted))
          }
          expect(facts.withheld, context).toBe(expected.withheld)
          const inSteps = facts.dossier.steps.reduce(
            (sum: number, step: { totals: { detections: number } }) => sum + step.totals.detections,
            0,
          )
          expect(inSteps, context).toBe(facts.totals.detections)
          const elsewhere = facts.dossier.others.reduce((sum: number, one: { parts: number }) => sum + one.parts, 0)
          expect(elsewhere, `others, ${context}`).toBe(others)
        }),
      ),
    3_600_000,
  )

  it(
    'changes by nothing that is marked above its cap, or that bears another name, but the number withheld',
    () =>
      check(
        fc.asyncProperty(sets, anothers, caps, async (all, pair, cap) => {
          fc.pre(cap !== 'TLP:RED')
          const store = await stores.open()
          await takeSet(store, all, [], [])
          // Something is withheld already: that there is any changes words.
          await store.take(...alwaysHidden)
          const before = await dossierOf(store, cap)
          const above = markings[markings.indexOf(cap as (typeof markings)[number]) + 1] as string
          const [first, second] = pair.map((one) => ({ ...one, campaign: 'ALPHA', marking: above }))
          for (const one of [first, second]) {
            await store.take(one as Sent)
            const after = await dossierOf(store, cap)
            const withheld = isPublic(cap) ? {} : { withheld: 0 }
            expect({ ...after, ...withheld }, `${JSON.stringify(one)}\n${written(all)}`).toEqual({
              ...before,
              ...withheld,
            })
          }
        }),
      ),
    3_600_000,
  )
})
