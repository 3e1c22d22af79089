/**
 * What it costs, from what was measured and a list of prices: `npm run bench:cost`, with `-- --territories 1000` and
 * the like for another month (`--readers 0` for one without mail), `-- --prices FILE` for other prices, and
 * `-- --measure` to write bench/measured.json anew.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { plainTable } from '../bin/cli/output/tables.ts'
import {
  detectionCost,
  type Free,
  freeOfMonth,
  type Line,
  type Measured,
  mailCost,
  monthCost,
  type Prices,
  reportCost,
  reportsPerMonth,
  sum,
} from './cost-model.ts'
import { machine } from './figures.ts'
import { fixedResources } from './fixed-resources.ts'

const measuredFile = fileURLToPath(new URL('measured.json', import.meta.url))

const { values } = parseArgs({
  options: {
    territories: { type: 'string', default: '13' },
    detections: { type: 'string', default: '100000' },
    readers: { type: 'string', default: '10' },
    requests: { type: 'string', default: '5000' },
    'room-readers': { type: 'string', default: '10' },
    slower: { type: 'string', default: '2' },
    prices: { type: 'string', default: fileURLToPath(new URL('prices.json', import.meta.url)) },
    measure: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})

const numberOf = (name: 'territories' | 'detections' | 'readers' | 'requests' | 'room-readers' | 'slower'): number => {
  const number = Number(values[name])
  if (number >= 0) return number
  throw new Error(`--${name} ${values[name]} is no number of 0 or more`)
}

const measure = async (): Promise<void> => {
  const { consumption } = await import('./consumption.ts')
  const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-cost-'))
  try {
    const written = { ...machine(), on: new Date().toISOString().slice(0, 10), ...(await consumption(folder)) }
    await writeFile(measuredFile, `${JSON.stringify(written, rounded, 2)}\n`)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toPrecision(4)) : value

const read = async <Content>(file: string): Promise<Content> => JSON.parse(await readFile(file, 'utf8'))

if (values.measure) await measure()
const measured = await read<Measured & { machine: string; on: string }>(measuredFile)
type PriceList = {
  readonly prices: Readonly<Record<keyof Prices, { readonly dollars: number }>>
  readonly free: Free
  readonly region: string
  readonly note: string
}
const { prices, free, region, note } = await read<PriceList>(values.prices)
const dollars = Object.fromEntries(Object.entries(prices).map(([name, price]) => [name, price.dollars])) as Prices
const use = {
  territories: numberOf('territories'),
  detections: numberOf('detections'),
  readersPerReport: numberOf('readers'),
  requests: numberOf('requests'),
  roomReaders: numberOf('room-readers'),
  slower: numberOf('slower'),
}
const { usual, mailing } = await fixedResources()
const stack = use.readersPerReport > 0 ? mailing : usual
const tables: Readonly<Record<string, readonly Line[]>> = {
  '1,000 reports': times(1_000, reportCost(measured, dollars, use)),
  '1,000,000 detections': times(1_000_000, detectionCost(measured, dollars, use)),
  '1,000 mails': times(1_000, mailCost(measured, dollars, use)),
  [`a month of ${use.territories} territories (${reportsPerMonth(use).toFixed(0)} reports), ${use.detections} detections, ${use.readersPerReport} readers a report`]:
    monthCost(measured, stack, dollars, use),
  'of which AWS asks nothing for in an account that has nothing else': freeOfMonth(measured, stack, dollars, use, free),
}

function times(many: number, lines: readonly Line[]): readonly Line[] {
  return lines.map(({ what, dollars: each }) => ({ what, dollars: many * each }))
}

const written = (amount: number): string => amount.toFixed(amount < 1 ? 4 : 2)

if (values.json) {
  process.stdout.write(`${JSON.stringify({ region, use, tables }, null, 2)}\n`)
} else {
  process.stdout.write(
    `Prices of ${region}: ${note}\nMeasured on ${measured.on}: ${measured.machine}; Lambda is taken to be ${use.slower} times as slow.\n`,
  )
  for (const [title, lines] of Object.entries(tables)) {
    const rows = [...lines, { what: 'sum', dollars: sum(lines) }].map((line) => [line.what, written(line.dollars)])
    process.stdout.write(`\n${plainTable([title, 'Dollars'], rows, ['left', 'right']).join('\n')}\n`)
  }
}
