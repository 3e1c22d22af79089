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
  /** Who signs in within the month, by a pool of AWS's. */
  readonly poolReader: number
  readonly logGb: number
  readonly alarmMetricMonth: number
  readonly compositeAlarmMonth: number
  readonly metricMonth: number
  readonly dashboardMonth: number
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
}

/** What a stack has, whether it works or not. */
export type FixedResources = {
  /** Each metric of each alarm, as AWS bills them. */
  readonly alarmMetrics: number
  readonly compositeAlarms: number
  readonly dashboards: number
  readonly keys: number
  readonly secrets: number
  /** Queues that Lambda asks for messages. */
  readonly polledQueues: number
}

/** What AWS gives every account each month, for good. */
export type Free = {
  readonly lambdaGbSeconds: number
  readonly lambdaRequests: number
  readonly tableGb: number
  readonly queueRequests: number
  readonly schedules: number
  readonly poolReaders: number
  readonly logGb: number
  readonly alarmMetrics: number
  readonly dashboards: number
}

/** What a month is like, and what cannot be measured here. */
type Use = {
  readonly territories: number
  readonly detections: number
  readonly readersPerReport: number
  /** Pages of the room and requests of programs. */
  readonly requests: number
  /** Who signs in to the room. */
  readonly roomReaders: number
  /** How much longer Lambda takes than the machine that measured. */
  readonly slower: number
}

export type Line = { readonly what: string; readonly dollars: number }

/** As lib/ sets them. */
const memoryGb = { generate: 3_008 / 1_024, ingest: 1, deliver: 0.5 } as const

/** Assumed: nothing measures them. */
const assumed = {
  detectionsInFile: 1_000,
  /** A message is sent, received, deleted. */
  requestsPerMessage: 3,
  logBytesPerInvocation: 2_000,
  /** Each mail's link is opened once. */
  openedPerMail: 1,
  /** Of the two metrics of our own, which are written while something is wrong: hours of a month. */
  metricHours: 10,
  hoursInMonth: 730,
  /**
   * Lambda asks an idle queue by five pollers that wait 20 seconds each ("Using Lambda with Amazon SQS"; that empty
   * receives are billed: AWS re:Post, "Why are my Amazon SQS charges higher than expected?").
   */
  pollsPerHour: 5 * (3_600 / 20),
  /** Of a page or a request, with whoever is asked whether it may be: milliseconds, gigabytes, invocations. */
  request: { ms: 100, gb: 1, invocations: 2 },
  watchdog: { ms: 1_000, gb: 0.25 },
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
export const fixedCost = (fixed: FixedResources, prices: Prices): readonly Line[] => [
  {
    what: `alarms, ${fixed.alarmMetrics}`,
    dollars: fixed.alarmMetrics * prices.alarmMetricMonth + fixed.compositeAlarms * prices.compositeAlarmMonth,
  },
  {
    what: 'metrics of our own, while something is wrong',
    dollars: 2 * (assumed.metricHours / assumed.hoursInMonth) * prices.metricMonth,
  },
  { what: 'dashboards', dollars: fixed.dashboards * prices.dashboardMonth },
  { what: `keys, ${fixed.keys}`, dollars: fixed.keys * prices.keyMonth },
  { what: `secrets, ${fixed.secrets}`, dollars: fixed.secrets * prices.secretMonth },
  {
    what: `idle queues, ${fixed.polledQueues}`,
    dollars: (pollsOf(fixed) * prices.queueMillionRequests) / 1e6,
  },
  {
    what: 'watchdog',
    dollars:
      assumed.hoursInMonth *
      (sum(functionCost('watchdog', assumed.watchdog.ms, assumed.watchdog.gb * prices.lambdaArmGbSecond, prices)) +
        prices.scheduleMillion / 1e6),
  },
]

const pollsOf = ({ polledQueues }: FixedResources): number => polledQueues * assumed.pollsPerHour * assumed.hoursInMonth

/** The room and the interface for programs. */
export const serviceCost = (prices: Prices, { requests, roomReaders }: Pick<Use, 'requests' | 'roomReaders'>): Line => {
  const { ms, gb: memory, invocations } = assumed.request
  const each =
    sum(functionCost('request', ms, memory * prices.lambdaArmGbSecond, prices)) +
    ((invocations - 1) * prices.lambdaMillionRequests + prices.apiMillionRequests) / 1e6
  return { what: 'room and API', dollars: requests * each + roomReaders * prices.poolReader }
}

const dryRunsPerMonth = 365 / 12

/** Of each day's dry run, at most: it takes what a busy report takes, and writes nothing. */
export const dryRunCost = (measured: Measured, prices: Prices, use: Pick<Use, 'slower'>): Line => {
  const report = { ...measured.report, writeUnits: 0, tableBytes: 0, archivePuts: 0, archiveBytes: 0 }
  return { what: 'daily dry run', dollars: dryRunsPerMonth * sum(reportCost({ ...measured, report }, prices, use)) }
}

/** The first month; what is kept costs as much more in each month after. */
export const monthCost = (measured: Measured, fixed: FixedResources, prices: Prices, use: Use): readonly Line[] => {
  const reports = reportsPerMonth(use)
  return [
    { what: 'reports', dollars: reports * sum(reportCost(measured, prices, use)) },
    { what: 'detections', dollars: use.detections * sum(detectionCost(measured, prices, use)) },
    { what: 'mails', dollars: reports * use.readersPerReport * sum(mailCost(measured, prices, use)) },
    serviceCost(prices, use),
    dryRunCost(measured, prices, use),
    ...fixedCost(fixed, prices),
  ]
}

/** What of that AWS asks nothing for, as long as nothing else in the account uses it: dollars that are not paid. */
export const freeOfMonth = (
  measured: Measured,
  fixed: FixedResources,
  prices: Prices,
  use: Use,
  free: Free,
): readonly Line[] => {
  const ofReaders = reportsPerMonth(use)
  const reports = ofReaders + dryRunsPerMonth
  const mails = ofReaders * use.readersPerReport
  const files = use.detections / assumed.detectionsInFile
  const { hoursInMonth, request, watchdog } = assumed
  const seconds = (ms: number, memory: number, slower = 1) => (ms / 1e3) * slower * memory
  const x86 = reports * seconds(measured.report.ms, memoryGb.generate, use.slower)
  const arm =
    use.detections * seconds(measured.detection.ms, memoryGb.ingest, use.slower) +
    mails * seconds(measured.mail.ms, memoryGb.deliver, use.slower) +
    use.requests * seconds(request.ms, request.gb) +
    hoursInMonth * seconds(watchdog.ms, watchdog.gb)
  const calls = reports + files + mails + use.requests * request.invocations + hoursInMonth
  const logged = reports + files + mails + use.requests + hoursInMonth
  const stored =
    ofReaders * measured.report.tableBytes +
    use.detections * measured.detection.tableBytes +
    mails * measured.mail.tableBytes
  const queued = pollsOf(fixed) + assumed.requestsPerMessage * (2 * reports + files)
  const line = (what: string, used: number, given: number, price: number): Line => ({
    what,
    dollars: Math.min(used, given) * price,
  })
  return [
    // The dearer of the two first would be kinder than AWS is.
    line('time of functions', arm, free.lambdaGbSeconds, prices.lambdaArmGbSecond),
    line('time of generate', x86, Math.max(0, free.lambdaGbSeconds - arm), prices.lambdaX86GbSecond),
    line('calls of functions', calls, free.lambdaRequests, prices.lambdaMillionRequests / 1e6),
    line('table, keeping', stored / gb, free.tableGb, prices.tableGbMonth),
    line('queues', queued, free.queueRequests, prices.queueMillionRequests / 1e6),
    line('schedules', reports + hoursInMonth, free.schedules, prices.scheduleMillion / 1e6),
    line('readers of the pool', use.roomReaders, free.poolReaders, prices.poolReader),
    line('logs', (logged * assumed.logBytesPerInvocation) / gb, free.logGb, prices.logGb),
    line('alarms', fixed.alarmMetrics, free.alarmMetrics, prices.alarmMetricMonth),
    line('dashboards', fixed.dashboards, free.dashboards, prices.dashboardMonth),
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
