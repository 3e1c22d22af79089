/** From what a report, a detection and a mail take to dollars: plain sums, no clock and no measuring. */

/** Dollars, by the unit that the name tells. */
export type Prices = {
  readonly lambdaX86GbSecond: number
  readonly lambdaArmGbSecond: number
  readonly lambdaMillionRequests: number
  readonly tableMillionReadUnits: number
  readonly tableMillionWriteUnits: number
  readonly tableGbMonth: number
  readonly tableRecoveryGbMonth: number
  readonly archiveGbMonth: number
  readonly archiveThousandPuts: number
  readonly archiveThousandGets: number
  readonly queueMillionRequests: number
  readonly scheduleMillion: number
  readonly mailThousand: number
  readonly mailGb: number
  readonly apiMillionRequests: number
  readonly logGb: number
  readonly alarmMonth: number
  readonly metricMonth: number
  readonly keyMonth: number
  readonly signatureTenThousand: number
  readonly secretMonth: number
}

/** What one of a kind takes. */
export type Consumption = {
  /** Milliseconds of a function's time, on the machine that measured. */
  readonly ms: number
  readonly readUnits: number
  readonly writeUnits: number
  /** Of what stays in the table. */
  readonly tableBytes: number
  readonly archivePuts: number
  readonly archiveGets: number
  readonly archiveBytes: number
}

export type Measured = {
  readonly report: Consumption
  readonly detection: Consumption
  /** To one reader. */
  readonly mail: Consumption & { readonly bytes: number }
  /** What the stack has, whether it works or not. */
  readonly stack: { readonly alarms: number; readonly keys: number; readonly secrets: number }
}

/** What a month is like, and what cannot be measured here. */
export type Use = {
  readonly territories: number
  readonly detections: number
  readonly readersPerReport: number
  /** How much longer Lambda takes than the machine that measured. */
  readonly slower: number
}

export type Line = { readonly what: string; readonly dollars: number }

/** As lib/ sets them. */
const memoryGb = { generate: 2, ingest: 1, deliver: 0.5 } as const

/** Assumed: nothing measures them. */
const assumed = {
  detectionsInFile: 1_000,
  /** A message is sent, received, deleted. */
  requestsPerMessage: 3,
  logBytesPerInvocation: 2_000,
  /** Each mail's link is opened once. */
  openedPerMail: 1,
  customMetrics: 20,
} as const

const gb = 2 ** 30

/** A report in the week and one in the month, of every territory. */
export const reportsPerMonth = ({ territories }: Pick<Use, 'territories'>): number => territories * (52 / 12 + 1)

export const reportCost = ({ report }: Measured, prices: Prices, { slower }: Pick<Use, 'slower'>): readonly Line[] => [
  ...functionCost('generate', report.ms * slower, memoryGb.generate * prices.lambdaX86GbSecond, prices),
  ...tableCost(report, prices),
  ...archiveCost(report, prices),
  // A message asks for it, another tells the delivery.
  { what: 'queues', dollars: (2 * assumed.requestsPerMessage * prices.queueMillionRequests) / 1e6 },
  { what: 'schedule', dollars: prices.scheduleMillion / 1e6 },
  { what: 'signature', dollars: prices.signatureTenThousand / 1e4 },
]

export const detectionCost = (
  { detection }: Measured,
  prices: Prices,
  { slower }: Pick<Use, 'slower'>,
): readonly Line[] => [
  ...functionCost('ingest', detection.ms * slower, memoryGb.ingest * prices.lambdaArmGbSecond, prices).map(
    ({ what, dollars }) =>
      // Requests and logs are a file's.
      what === 'ingest, time' ? { what, dollars } : { what, dollars: dollars / assumed.detectionsInFile },
  ),
  ...tableCost(detection, prices),
  {
    what: 'drop bucket and its queue',
    dollars:
      // The file and its result are put, the file is read.
      ((2 * prices.archiveThousandPuts + prices.archiveThousandGets) / 1e3 +
        (assumed.requestsPerMessage * prices.queueMillionRequests) / 1e6) /
      assumed.detectionsInFile,
  },
]

export const mailCost = ({ mail }: Measured, prices: Prices, { slower }: Pick<Use, 'slower'>): readonly Line[] => [
  ...functionCost('deliver', mail.ms * slower, memoryGb.deliver * prices.lambdaArmGbSecond, prices),
  ...tableCost(mail, prices),
  ...archiveCost(mail, prices),
  { what: 'mail service', dollars: prices.mailThousand / 1e3 + (mail.bytes / gb) * prices.mailGb },
  { what: 'links opened', dollars: (assumed.openedPerMail * prices.apiMillionRequests) / 1e6 },
]

/** What stands there costs, also where nothing happens. */
export const standingCost = ({ stack }: Measured, prices: Prices): readonly Line[] => [
  { what: 'alarms', dollars: stack.alarms * prices.alarmMonth },
  { what: 'metrics', dollars: assumed.customMetrics * prices.metricMonth },
  { what: 'keys', dollars: stack.keys * prices.keyMonth },
  { what: 'secrets', dollars: stack.secrets * prices.secretMonth },
]

/** The first month; what is kept costs as much more in each month after. */
export const monthCost = (measured: Measured, prices: Prices, use: Use): readonly Line[] => {
  const reports = reportsPerMonth(use)
  return [
    { what: 'reports', dollars: reports * sum(reportCost(measured, prices, use)) },
    { what: 'detections', dollars: use.detections * sum(detectionCost(measured, prices, use)) },
    { what: 'mails', dollars: reports * use.readersPerReport * sum(mailCost(measured, prices, use)) },
    ...standingCost(measured, prices),
  ]
}

export const sum = (lines: readonly Line[]): number => lines.reduce((all, { dollars }) => all + dollars, 0)

const functionCost = (name: string, ms: number, dollarsPerSecond: number, prices: Prices): readonly Line[] => [
  { what: `${name}, time`, dollars: (ms / 1e3) * dollarsPerSecond },
  { what: `${name}, request`, dollars: prices.lambdaMillionRequests / 1e6 },
  { what: `${name}, log`, dollars: (assumed.logBytesPerInvocation / gb) * prices.logGb },
]

const tableCost = ({ readUnits, writeUnits, tableBytes }: Consumption, prices: Prices): readonly Line[] => [
  { what: 'table, reading', dollars: (readUnits * prices.tableMillionReadUnits) / 1e6 },
  { what: 'table, writing', dollars: (writeUnits * prices.tableMillionWriteUnits) / 1e6 },
  {
    what: 'table, keeping for a month',
    dollars: (tableBytes / gb) * (prices.tableGbMonth + prices.tableRecoveryGbMonth),
  },
]

const archiveCost = ({ archivePuts, archiveGets, archiveBytes }: Consumption, prices: Prices): readonly Line[] => [
  {
    what: 'archive, requests',
    dollars: (archivePuts * prices.archiveThousandPuts + archiveGets * prices.archiveThousandGets) / 1e3,
  },
  { what: 'archive, keeping for a month', dollars: (archiveBytes / gb) * prices.archiveGbMonth },
]
