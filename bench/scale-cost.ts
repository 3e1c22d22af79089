/**
 * The arithmetic of docs/internals/scale.md: `node bench/scale-cost.ts`. From measured small reports, a day and a month
 * of many detections (docs/internals/performance.md), and the price list.
 */
import { readFile } from 'node:fs/promises'
import { plainTable } from '../bin/cli/output/tables.ts'
import { itemBytes } from '../test/support/item-size.ts'
import { recipient } from '../test/support/recipients.ts'
import {
  type Consumption,
  detectionCost,
  fixedCost,
  type Line,
  type Measured,
  mailCost,
  type Prices,
  reportCost,
  sum,
} from './cost-model.ts'
import { inThousands } from './figures.ts'
import { fixedResources } from './fixed-resources.ts'
import { attributesOf } from './scale/export.ts'

const use = { territories: 1_000, detectionsPerWeek: 10_000_000, readers: 100_000, slower: 2 } as const
const weeksPerMonth = 52 / 12
const gb = 2 ** 30

/**
 * From docs/internals/performance.md: a day of 100,000 detections takes 36,249 units to read, and half as many to count
 * first. In a national month each further detection takes 0.154 ms on Lambda.
 */
const perDetection = { readUnits: (1.5 * 36_249) / 100_000, ms: 0.154 / use.slower } as const
/** A row of detections.csv: the samples' have 300 to 400 bytes. */
const csvRowBytes = 350
/** Strongly consistent reads of 4 KB. */
const unitBytes = 4_096

const read = async <Content>(file: string): Promise<Content> =>
  JSON.parse(await readFile(new URL(file, import.meta.url), 'utf8'))
const measured = await read<Measured>('measured.json')
const priceList = await read<{ readonly prices: Readonly<Record<keyof Prices, { readonly dollars: number }>> }>(
  'prices.json',
)
const prices = Object.fromEntries(
  Object.entries(priceList.prices).map(([name, { dollars }]) => [name, dollars]),
) as unknown as Prices

/** All recipients stand under one key, which each report and each delivery reads whole. */
const recipientBytes = itemBytes(
  attributesOf({ pk: 'RECIPIENTS', sk: '0123456789abcdef', ...recipient('reader-12345@example.org') }),
)
const recipientUnits = (use.readers * recipientBytes) / unitBytes

const reportOf = (detections: number): Consumption => ({
  ...measured.report,
  ms: measured.report.ms + detections * perDetection.ms,
  readUnits: measured.report.readUnits + detections * perDetection.readUnits + recipientUnits,
  archiveBytes: measured.report.archiveBytes + detections * csvRowBytes,
})

const perWeek = use.detectionsPerWeek / use.territories
const week = reportOf(perWeek)
const month = reportOf(perWeek * weeksPerMonth)
/** A delivery reads the recipients once for all its mails. */
const readersPerReport = use.readers / use.territories
const mail = { ...measured.mail, readUnits: measured.mail.readUnits + recipientUnits / readersPerReport }

const reports = { week: use.territories * weeksPerMonth, month: use.territories }
const mails = (reports.week + reports.month) * readersPerReport
const detections = use.detectionsPerWeek * weeksPerMonth
const { mailing } = await fixedResources()

export const lines: readonly Line[] = [
  ...scaled('week’s reports', reports.week, reportCost({ ...measured, report: week }, prices, use)),
  ...scaled('month’s reports', reports.month, reportCost({ ...measured, report: month }, prices, use)),
  ...scaled('detections', detections, detectionCost(measured, prices, use)),
  ...scaled('mails', mails, mailCost({ ...measured, mail }, prices, use)),
  { what: 'fixed', dollars: sum(fixedCost(mailing, prices)) },
]

/** Each kind as one line, and those of its parts that are more than a hundredth of it. */
function scaled(what: string, many: number, each: readonly Line[]): readonly Line[] {
  const whole = { what: `${what}, ${inThousands(many)}`, dollars: many * sum(each) }
  const parts = each.map((line) => ({ what: `  ${line.what}`, dollars: many * line.dollars }))
  return [whole, ...parts.filter(({ dollars }) => dollars > whole.dollars / 100)]
}

const seconds = ({ ms }: Pick<Consumption, 'ms'>): number => (ms / 1_000) * use.slower
const hours = (all: number, atOnce: number): string => `${(all / atOnce / 3_600).toFixed(2)} h with ${atOnce} at once`
const keptBytes = detections * measured.detection.tableBytes
const dayUnits = (use.detectionsPerWeek / 7) * measured.detection.writeUnits

export const figures: readonly (readonly [string, string])[] = [
  ['units to read all recipients once', inThousands(recipientUnits)],
  ['units of a week’s report · of a month’s', `${inThousands(week.readUnits)} · ${inThousands(month.readUnits)}`],
  [
    'seconds of a week’s report · of a month’s, on Lambda',
    `${seconds(week).toFixed(1)} · ${seconds(month).toFixed(1)}`,
  ],
  ['all week’s reports', `${hours(use.territories * seconds(week), 4)}, ${hours(use.territories * seconds(week), 40)}`],
  [
    'all month’s reports',
    `${hours(use.territories * seconds(month), 4)}, ${hours(use.territories * seconds(month), 40)}`,
  ],
  [
    'recipients’ key at 3,000 units a second, a run’s reports and deliveries',
    `${((2 * use.territories * recipientUnits) / 3_000 / 3_600).toFixed(2)} h`,
  ],
  ['units a second of 40 reports at once', inThousands((40 * week.readUnits) / seconds(week))],
  [
    'mails of a run, deliver',
    `${hours(use.readers * seconds(measured.mail), 2)}, ${hours(use.readers * seconds(measured.mail), 20)}`,
  ],
  ['mails a second over an hour', (use.readers / 3_600).toFixed(0)],
  ['detections of a day taken in, by time', hours((use.detectionsPerWeek / 7) * seconds(measured.detection), 2)],
  ['units written a day · a second on average', `${inThousands(dayUnits)} · ${inThousands(dayUnits / 86_400)}`],
  [
    'the table grows a month by',
    `${inThousands(keptBytes / gb)} GB, ${((keptBytes / gb) * (prices.tableGbMonth + prices.tableRecoveryGbMonth)) | 0} dollars more each month`,
  ],
  [
    'a scan of a year’s table',
    `${inThousands((12 * keptBytes) / unitBytes / 1e6)} million units, ${(((12 * keptBytes) / unitBytes / 1e6) * prices.tableMillionReadUnits).toFixed(0)} dollars`,
  ],
  [
    'a year of one territory in one function',
    `${((52 * perWeek * perDetection.ms * use.slower) / 1_000).toFixed(0)} s of 600`,
  ],
]

/** The whole of each kind, without its parts. */
export const total: number = sum(lines.filter(({ what }) => !what.startsWith(' ')))

if (import.meta.main) {
  const shown = lines.map(({ what, dollars }) => [what, dollars.toFixed(2)])
  const table = plainTable(['The first month', 'Dollars'], [...shown, ['all', total.toFixed(2)]], ['left', 'right'])
  process.stdout.write(`${table.join('\n')}\n\n${plainTable(['What', 'Figure'], figures).join('\n')}\n`)
}
