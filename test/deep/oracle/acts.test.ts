/**
 * Whatever is done above a reader's clearance or in another territory, and in whatever order with what is done to
 * others, changes no byte of what the reader gets, but for the number withheld. `VIGIE_ORACLE_RUNS` and `VIGIE_TEST_SEED`
 * as in the other oracles.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Caller, everything } from '../../../lambdas/domain/access/caller.ts'
import { rightsOf } from '../../../lambdas/domain/access/roles.ts'
import { fitsUnder, type Marking } from '../../../lambdas/domain/core/marking.ts'
import type { TerritoryCode } from '../../../lambdas/domain/core/place/territory.ts'
import { messageOf } from '../../../lambdas/domain/core/text/thrown.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { campaignCode } from '../../../lambdas/domain/detection/campaigns.ts'
import { partsOf } from '../../../lambdas/mail/body.ts'
import { openPrinter, type Printer } from '../../../lambdas/render/chromium.ts'
import { draftFacts, generateReport } from '../../../lambdas/usecases/reports/generate-report.ts'
import { type Act, acts, alsoHidden, hidden, type Limit, worldOn } from '../../oracle/acts.ts'
import { sightedIn } from '../../oracle/canaries.ts'
import { markings } from '../../oracle/counting.ts'
import { factsOf, keepCounts, openStores, type Store, type Stores } from '../../oracle/product.ts'
import { printedOnce } from '../../support/changed-print.ts'
import { letterOn } from '../../support/letters.ts'
import { pdfText } from '../../support/pdf-text.ts'
import { roomOn } from '../../support/room-on.ts'

/** A set takes seconds, and those of other oracles milliseconds: a deep run has 500 here. */
const runs = Math.min(Number(process.env.VIGIE_ORACLE_RUNS ?? 25), 500)
/** Sets whose files are made too: printing takes most of the time. */
const printedEvery = process.env.VIGIE_ORACLE_RUNS === undefined ? 9 : 3

let printer: Printer
let stores: Stores
beforeAll(async () => {
  printer = await openPrinter()
  stores = await openStores(printedOnce(printer))
})
afterAll(async () => {
  await stores.close()
  await printer.close()
})

const minute = (at: number): string => new Date(Date.UTC(2024, 4, 21, 0, at)).toISOString()

/** So many are withheld already that one more changes no word around the number. */
const withheldBefore = [1, 2, 3, 4, 5].map((number) => ({
  ...{ id: `always-${number}`, detector: 'D3lta', kind: 'copy-paste', title: { fr: 'Caché' }, marking: 'TLP:RED' },
  campaign: 'Shared',
  ...{ territories: ['NC', 'PF'], observed: { from: '2024-05-15' }, counts: { posts: 999 } },
}))

const reader = ({ cap, territory }: Limit): Caller => ({
  ...{ who: 'reader', roles: ['analyst'], scopes: [...rightsOf(['analyst'])] },
  ...{ clearance: cap, territories: territory ? [territory] : everything.territories },
})

const week = '2024-W20'
const paths = [
  ...[
    '/room',
    `/room?week=${week}`,
    '/room/reports',
    '/room/inbox',
    '/room/history',
    '/room/sources',
    '/room/inbox?kind=candidate',
  ],
  ...[
    '/room/archive',
    '/room/images',
    '/room/schedules',
    '/room/flash',
    '/room/mail',
    '/room/add',
    '/room/notes',
    '/room/feed.atom',
  ],
  ...['from=2024-05-01&to=2024-05-31', 'q=canary', 'q=Shared', 'q=h0'].map((asked) => `/room/detections?${asked}`),
  ...['v0', 'v1', 'h0', 'h1', 'D3lta:h0', 'hc0', 'vc0'].flatMap((id) => [
    `/room/detections/${id}`,
    `/detections/${id}`,
  ]),
  ...['v0', 'h0'].flatMap((id) =>
    ['correct', 'place', 'reply', 'withdraw'].map((act) => `/room/detections/${id}/${act}`),
  ),
  ...['NC', 'PF', 'WF'].flatMap((code) => [
    `/room/coverage?territory=${code}&week=${week}`,
    `/coverage?territory=${code}&period=${week}`,
    `/room/notes?territory=${code}&week=${week}`,
  ]),
  ...['/sources', '/territories', '/reports', '/detections', '/detections?territory=NC'],
]

/** Names that are made at random: of batches, records and runs. */
const random = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}|\d{4}-\d\d-\d\d-[0-9a-f]{8}/g

const editionsUnder = (cap: Marking) =>
  ['NC', 'PF', 'ALL'].flatMap((territory) =>
    markings.filter((one) => fitsUnder(one as Marking, cap)).map((one) => ({ territory, period: week, cap: one })),
  )

/** A campaign may be unknown under the clearance. */
const faultOf = (error: Error) => ({ withheld: 0, message: messageOf(error) })

const requestOf = (cap: Marking) => ({ territory: 'NC' as TerritoryCode, period: parsePeriod(week), cap })

/** All that a reader gets, by what it is called, and how many are withheld in each edition and version. */
const toldTo = async (limit: Limit, store: Store, isPrinted: boolean) => {
  const { cap, territory } = limit
  const { services, table, logged } = store
  const texts: Record<string, string> = {}
  const withheld: number[] = []
  // What a report has of other territories is for its readers to know.
  for (const question of territory ? [] : editionsUnder(cap)) {
    const { withheld: number, ...facts } = (await factsOf(store, question)) as { withheld: number }
    texts[`facts of ${question.territory} ${question.cap}`] = JSON.stringify(facts)
    withheld.push(number)
  }
  if (!territory) {
    const dossier = { ...requestOf(cap), campaign: 'Shared', territory: campaignCode('Shared') }
    const { withheld: number = 0, ...facts } = await draftFacts(dossier, services).catch(faultOf)
    texts['facts of the dossier'] = JSON.stringify(facts)
    withheld.push(number)
  }
  const before = logged.length
  if (isPrinted) {
    const { report, manifest } = await generateReport(requestOf(cap), services)
    for await (const key of services.archive.list('')) {
      const bytes = await services.archive.get(key)
      // The manifest and its signature hold the sizes and hashes of files that differ by the number withheld.
      if (!manifest.files.some(({ name }) => key.endsWith(`/${name}`))) continue
      texts[key] = key.endsWith('.pdf')
        ? `${(await pdfText(bytes)).join('\n')}\n${[
            ...Buffer.from(bytes)
              .toString('latin1')
              .matchAll(/\/(?:Title|Subject|Keywords|Author)[^\n]*/g),
          ].join('\n')}`
        : new TextDecoder().decode(bytes)
    }
    for (const [key, text] of Object.entries(texts))
      if (key.endsWith('/report.json')) withheld.push(JSON.parse(text).withheld)
    for (const language of ['fr', 'en'] as const) {
      const { html, text } = partsOf(letterOn(report, { recipient: { language } }), 'timeline@vigie.example')
      texts[`mail.${language}`] = `${html}\n${text}`
    }
  }
  const page = roomOn(
    services,
    reader(limit),
    table,
    (what, about) => (texts.log = `${texts.log ?? ''}${what} ${JSON.stringify(about)}\n`),
  )
  for (const path of paths) {
    const { status, text } = await page(path)
    texts[path] = `${status} ${text}`
  }
  texts.logged = logged.slice(before).join('\n')
  return {
    texts: Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.replaceAll(random, 'a name')])),
    withheld,
  }
}

/** Where two texts differ by more than the numbers withheld. */
const apart = (one: string, other: string, allowed: ReadonlySet<string>): string | undefined => {
  if (one === other) return undefined
  const [mine, theirs] = [one, other].map((text) => text.split(/(\d+)/))
  const at =
    mine?.findIndex((part, index) => part !== theirs?.[index] && !allowed.has(`${part} ${theirs?.[index]}`)) ?? -1
  if (at === -1 && mine?.length === theirs?.length) return undefined
  const around = (parts: readonly string[] = []) =>
    parts
      .slice(Math.max(0, at - 6), at + 7)
      .join('')
      .slice(-500)
  return `${around(mine)}\n    and with what is above\n    ${around(theirs)}`
}

const played = async (sequence: readonly Act[], limit: Limit, withHidden: boolean, isPrinted: boolean) => {
  const { cap } = limit
  const store = await stores.open()
  const world = worldOn(store, limit)
  store.at(minute(0))
  await store.take(...withheldBefore)
  await world.begin(false)
  store.at(minute(1))
  if (withHidden) await world.begin(true)
  for (const [at, act] of sequence.entries()) {
    store.at(minute(at + 2))
    if (withHidden || !act.isHidden) await world.perform(act)
    if (at % 5 === 2) await keepCounts(store, { territory: 'NC', period: week, cap })
    if (isPrinted && at === 3) await generateReport(requestOf(cap), store.services)
  }
  store.at(minute(sequence.length + 2))
  return toldTo(limit, store, isPrinted)
}

const limits: readonly (readonly [string, fc.Arbitrary<Limit>])[] = [
  ['above a clearance', fc.constantFrom<Limit>({ cap: 'TLP:GREEN' }, { cap: 'TLP:AMBER' })],
  [
    'in another territory',
    fc.constantFrom<Limit>({ cap: 'TLP:AMBER', territory: 'NC' }, { cap: 'TLP:RED', territory: 'NC' }),
  ],
]

it.each(limits)(`actions %s change nothing that the reader gets (${runs} random sets)`, async (_, limited) => {
  let setsPlayed = 0
  const property = fc.asyncProperty(fc.noShrink(acts), limited, async (sequence, limit) => {
    const isPrinted = !limit.territory && setsPlayed % printedEvery === 0
    setsPlayed += 1
    const [plain, more] = [
      await played(sequence, limit, false, isPrinted),
      await played(sequence, limit, true, isPrinted),
    ]
    const allowed = new Set(plain.withheld.map((number, at) => `${number} ${more.withheld[at]}`))
    const faults = Object.entries(more.texts).flatMap(([name, text]) => {
      const difference = apart(plain.texts[name] ?? '', text, allowed)
      const words = [...sightedIn(text, hidden), ...alsoHidden.filter((word) => text.includes(word))]
      return [
        ...(difference === undefined ? [] : [`${name} differs: ${difference}`]),
        ...(words.length === 0 ? [] : [`${name} has ${words.slice(0, 3).join(', ')}`]),
      ]
    })
    if (faults.length > 0) {
      const steps = sequence.map((act) => `    ${JSON.stringify(act)}`)
      throw new Error(
        [
          `up to ${limit.cap}${limit.territory ? `, of ${limit.territory}` : ''}:`,
          ...faults.slice(0, 4),
          ...steps,
        ].join('\n'),
      )
    }
    expect(Object.keys(plain.texts)).toEqual(Object.keys(more.texts))
  })
  const found = await fc.check(property, { numRuns: runs })
  if (!found.failed) return
  const again = `after ${found.numRuns} sets; again by VIGIE_TEST_SEED=${found.seed} VIGIE_ORACLE_RUNS=${runs}`
  expect.fail(`${messageOf(found.errorInstance)}\n  ${again}`)
})
