import { plural } from '../core/text/plural.ts'
import {
  archiveFinding,
  type Contradiction,
  decisionFindings,
  historyFinding,
  type NewestVersions,
  type StoredInstants,
  storedFinding,
  type UnrecordedActs,
} from './archive-findings.ts'
import { type Fact, type Finding, findingOf, good, broken, note, spanOf } from './finding.ts'
import { runtimeFinding } from './runtime.ts'

export type StageFacts = {
  readonly stage: string
  /** ISO instants of this machine's clock and of AWS's, at one moment. */
  readonly clock: Fact<{ readonly here: string; readonly there: string }>
  readonly stack: Fact<{
    readonly status: string
    readonly isProtected: boolean
    readonly drift: string
    readonly driftCheckedAt: string | null
  }>
  /**
   * Concurrent executions in the region: the account's limit, those not reserved by others, and the maximum of the
   * stage's queues.
   */
  readonly concurrency: Fact<{ readonly limit: number; readonly free: number; readonly queues: number }>
  readonly alarmMail: Fact<readonly { readonly endpoint: string; readonly isConfirmed: boolean }[]>
  readonly alarms: Fact<readonly { readonly name: string; readonly state: string; readonly isMute: boolean }[]>
  readonly queues: Fact<readonly QueueFacts[]>
  readonly table: Fact<{ readonly status: string; readonly isProtected: boolean; readonly isExpiring: boolean }>
  readonly recovery: Fact<{ readonly isOn: boolean; readonly earliest: string | null; readonly latest: string | null }>
  readonly archive: Fact<{ readonly isVersioned: boolean; readonly isWrittenOnce: boolean }>
  readonly signingKey: Fact<{ readonly state: string }>
  readonly pseudonymSecret: Fact<{ readonly goesAt: string | null }>
  /** The customer-managed KMS key; null where AWS's is used. */
  readonly storageKey: Fact<{ readonly state: string; readonly lacking: readonly string[] } | null>
  /** Null where the stage sends no mail. */
  readonly mail: MailFacts | null
  readonly stored: Fact<StoredInstants>
  readonly unrecorded: Fact<UnrecordedActs>
  readonly decisions: Fact<readonly Contradiction[]>
  readonly newest: Fact<NewestVersions>
  /** Null where the stack has no output `Version`. */
  readonly deployed: string | null
  readonly program: string
}

export type QueueFacts = {
  readonly name: string
  readonly waiting: number
  /** Over the last 15 minutes; null where no message was seen. */
  readonly oldestSeconds: number | null
  /** The alarm's threshold. */
  readonly lateSeconds: number
  readonly deadLetters: number
}

export type MailFacts = {
  readonly from: string
  readonly account: Fact<{
    readonly isInSandbox: boolean
    readonly isSending: boolean
    readonly enforcementStatus: string
    readonly sent: number
    readonly most: number
  }>
  readonly identity: Fact<{ readonly name: string; readonly isVerified: boolean; readonly dkim: string } | null>
  readonly configurationSet: Fact<{ readonly isSending: boolean }>
}

/** Milliseconds. AWS refuses signatures only after minutes, but stored instants suffer earlier. */
const maxSkewMs = 60_000
/** Concurrent executions needed by readers of the API. */
const forReaders = 5
const day = 86_400_000
/** Older manual changes are forgotten by then. */
const maxDriftAgeMs = 90 * day
/** Usually five minutes (AWS, *PointInTimeRecoveryDescription*). */
const maxRecoveryLagMs = day
const runbook = 'docs/aws.md'

export const stageFindings = (facts: StageFacts, now: string): readonly Finding[] => [
  clockFinding(facts.clock),
  ...stackFindings(facts, now),
  findingOf('concurrency', facts.concurrency, concurrencyFinding),
  findingOf('alarm mail', facts.alarmMail, alarmMailFinding),
  findingOf('alarms', facts.alarms, alarmsFinding),
  findingOf('queues', facts.queues, queuesFinding),
  findingOf('dead letters', facts.queues, (queues) => {
    const some = queues.filter(({ deadLetters }) => deadLetters > 0)
    return some.length === 0
      ? good('dead letters', 'none')
      : broken(
          'dead letters',
          some.map(({ name, deadLetters }) => `${deadLetters} of ${name}`).join(', '),
          `vigie redrive --stage ${facts.stage} names their causes, and sends them back`,
        )
  }),
  findingOf('table', facts.table, tableFinding),
  findingOf('recovery', facts.recovery, (recovery) => recoveryFinding(recovery, now)),
  findingOf('archive bucket', facts.archive, archiveBucketFinding),
  findingOf('signing key', facts.signingKey, ({ state }) => keyFinding('signing key', state)),
  findingOf('pseudonym secret', facts.pseudonymSecret, pseudonymSecretFinding),
  findingOf('storage key', facts.storageKey, storageKeyFinding),
  ...(facts.mail ? mailFindings(facts.mail) : [note('mail', 'the stage sends no mail')]),
  storedFinding(facts.stored, now, 'invoke the watchdog: its clock is AWS’s, and it checks the table'),
  historyFinding(facts.unrecorded),
  ...decisionFindings(facts.decisions),
  archiveFinding(facts.newest),
  versionFinding(facts),
  runtimeFinding(now),
]

type Read<Name extends keyof StageFacts> = StageFacts[Name] extends Fact<infer Value> ? Value : never

const concurrencyFinding = ({ limit, free, queues }: Read<'concurrency'>): Finding => {
  const summary = `the account runs ${limit} functions at once in this region, ${free} of them not reserved by others; the stage's queues may start ${queues}`
  return free >= queues + forReaders
    ? good('concurrency', summary)
    : broken(
        'concurrency',
        `${summary}: readers and other functions wait`,
        'ask for more in Service Quotas (AWS Lambda, Concurrent executions), or lower the setting concurrency and deploy',
      )
}

const tableFinding = ({ status, isProtected, isExpiring }: Read<'table'>): Finding => {
  if (status !== 'ACTIVE') return broken('table', `is ${status}`, 'wait, or see its state in the console')
  if (!isExpiring)
    return broken(
      'table',
      'keeps links and codes that have expired: time to live is off, as after a restore',
      'aws dynamodb update-time-to-live, on the attribute expiresAt',
    )
  return isProtected
    ? good('table', 'is protected from deletion')
    : broken('table', 'can be deleted by one call', 'aws dynamodb update-table --deletion-protection-enabled')
}

const archiveBucketFinding = ({ isVersioned, isWrittenOnce }: Read<'archive'>): Finding => {
  const lacking = [
    ...(isVersioned ? [] : ['keeps no versions of its objects']),
    ...(isWrittenOnce ? [] : ['lets objects be replaced: its policy does not ask for If-None-Match']),
  ]
  return lacking.length === 0
    ? good('archive bucket', 'keeps versions, and lets nothing be replaced')
    : broken('archive bucket', lacking.join(', and '), 'deploy the stack again; then vigie archive verify')
}

const pseudonymSecretFinding = ({ goesAt }: Read<'pseudonymSecret'>): Finding =>
  goesAt === null
    ? good('pseudonym secret', 'is there')
    : broken(
        'pseudonym secret',
        `goes at ${goesAt}: without it no new account is linked to what is stored`,
        'aws secretsmanager restore-secret, at once',
      )

const storageKeyFinding = (key: Read<'storageKey'>): Finding => {
  if (key === null) return good('storage key', 'AWS’s own')
  if (key.state !== 'Enabled') return keyFinding('storage key', key.state)
  return key.lacking.length === 0
    ? good('storage key', 'every service that stores or sends may use it')
    : broken(
        'storage key',
        `its policy names no ${key.lacking.join(', no ')}: what these write is lost without a word`,
        'add them to the key’s policy (docs/aws.md#your-own-kms-key)',
      )
}

const recoveryFinding = (
  { isOn, earliest, latest }: { isOn: boolean; earliest: string | null; latest: string | null },
  now: string,
): Finding => {
  if (!isOn)
    return broken(
      'recovery',
      'the table cannot be had as it was: point-in-time recovery is off',
      'aws dynamodb update-continuous-backups switches it on; it begins at that moment',
    )
  const late = latest === null ? 0 : Date.parse(now) - Date.parse(latest)
  if (late > maxRecoveryLagMs)
    return broken(
      'recovery',
      `the table can be had as of ${latest} at the latest, ${spanOf(late)} ago: what was stored since would be lost with it`,
      `aws dynamodb create-backup keeps what is there now; then ask AWS’s support why its continuous backups have stopped`,
    )
  return good('recovery', `the table can be had as of any second from ${earliest ?? '?'} to ${latest ?? '?'}`)
}

const clockFinding = (clock: StageFacts['clock']): Finding =>
  findingOf('clock', clock, ({ here, there }) => {
    const skew = Date.parse(here) - Date.parse(there)
    if (Math.abs(skew) <= maxSkewMs) return good('clock', 'this machine’s and AWS’s agree')
    return broken(
      'clock',
      `this machine’s shows ${here} where AWS’s shows ${there}: ${spanOf(skew)} ${skew > 0 ? 'ahead' : 'behind'}`,
      'set it right before anything is stored from here',
    )
  })

const stackFindings = ({ stack, stage }: StageFacts, now: string): readonly Finding[] => [
  findingOf('stack', stack, ({ status, isProtected }) => {
    if (!/^(CREATE|UPDATE)_COMPLETE$/.test(status))
      return broken(
        'stack',
        `is in ${status}`,
        'its events in CloudFormation show why; deploy again (docs/aws.md#deploy)',
      )
    return isProtected
      ? good('stack', `${status}, protected from termination`)
      : broken(
          'stack',
          'can be ended by one call',
          `npm run deploy -- --stage ${stage} switches termination protection on`,
        )
  }),
  findingOf('drift', stack, ({ drift, driftCheckedAt }) => {
    const how = `aws cloudformation detect-stack-drift --stack-name vigie-${stage}`
    if (drift === 'DRIFTED')
      return broken(
        'drift',
        `something was changed by hand, as of ${driftCheckedAt ?? '?'}`,
        `aws cloudformation describe-stack-resource-drifts --stack-name vigie-${stage} shows what; deploy again`,
      )
    if (driftCheckedAt === null) return note('drift', `was never checked: ${how}`)
    const ago = Date.parse(now) - Date.parse(driftCheckedAt)
    return ago > maxDriftAgeMs
      ? note('drift', `none, but that was checked ${spanOf(ago)} ago, at ${driftCheckedAt}: ${how} checks again`)
      : good('drift', `none, as of ${driftCheckedAt}; ${how} checks again`)
  }),
]

const alarmMailFinding = (subscriptions: readonly { endpoint: string; isConfirmed: boolean }[]): Finding => {
  const waiting = subscriptions.filter(({ isConfirmed }) => !isConfirmed)
  if (subscriptions.length === 0)
    return broken(
      'alarm mail',
      'no address gets the alarms',
      'deploy with alarmMail, and press the link that AWS mails',
    )
  return waiting.length === 0
    ? good('alarm mail', subscriptions.map(({ endpoint }) => endpoint).join(', '))
    : broken(
        'alarm mail',
        `${waiting.map(({ endpoint }) => endpoint).join(', ')} has not confirmed, and gets no alarms`,
        'press the link in AWS’s mail; the console, SNS, the topic, Request confirmation mails another one',
      )
}

const alarmsFinding = (alarms: readonly { name: string; state: string; isMute: boolean }[]): Finding => {
  const heard = alarms.filter(({ isMute }) => !isMute)
  const ringing = heard.filter(({ state }) => state === 'ALARM')
  if (ringing.length === 0) return good('alarms', `none of ${heard.length} rings`)
  return broken(
    'alarms',
    `${ringing.map(({ name }) => name).join(', ')} ${ringing.length === 1 ? 'rings' : 'ring'}`,
    `${runbook}#alarms`,
  )
}

const queuesFinding = (queues: readonly QueueFacts[]): Finding => {
  const late = queues.filter(({ oldestSeconds, lateSeconds }) => (oldestSeconds ?? 0) >= lateSeconds)
  if (late.length > 0)
    return broken(
      'queues',
      late
        .map(({ name, oldestSeconds }) => `a message of ${name} has waited ${spanOf((oldestSeconds ?? 0) * 1000)}`)
        .join(', '),
      `${runbook}#alarms, …Waiting`,
    )
  const waiting = queues.filter((one) => one.waiting > 0)
  return good(
    'queues',
    waiting.length === 0
      ? 'nothing waits'
      : `waiting, none too long: ${waiting.map((one) => `${one.waiting} of ${one.name}`).join(', ')}`,
  )
}

const keyFinding = (check: string, state: string): Finding => {
  if (state === 'Enabled') return good(check, 'can be used')
  const how =
    state === 'PendingDeletion' ? 'aws kms cancel-key-deletion, then enable-key, at once' : 'aws kms enable-key'
  return broken(check, `is ${state}`, how)
}

const mailFindings = ({ from, account, identity, configurationSet }: MailFacts): readonly Finding[] => [
  findingOf('mail account', account, ({ isInSandbox, isSending, enforcementStatus, sent, most }) => {
    if (!isSending || enforcementStatus === 'SHUTDOWN')
      return broken(
        'mail account',
        `may send nothing: ${enforcementStatus}`,
        'SES’s console, Account dashboard, shows why and what to answer',
      )
    if (isInSandbox)
      return broken(
        'mail account',
        'is in the sandbox: only verified addresses get mails',
        'SES’s console, Account dashboard, Request production access; until then verify your readers’ addresses',
      )
    if (enforcementStatus !== 'HEALTHY')
      return broken(
        'mail account',
        `is under ${enforcementStatus}`,
        'bounces or complaints: vigie deliveries list --state FAILED',
      )
    return sent > 0.8 * most
      ? broken(
          'mail account',
          `has sent ${sent} of the ${plural(most, 'mail')} of a day`,
          'ask for more in SES’s console',
        )
      : good('mail account', `has sent ${sent} of ${plural(most, 'mail')} in 24 hours`)
  }),
  findingOf('mail identity', identity, (found) => {
    if (found === null)
      return broken(
        'mail identity',
        `SES knows neither ${from} nor its domain`,
        'aws sesv2 create-email-identity (docs/aws.md#before-you-deploy)',
      )
    if (!found.isVerified)
      return broken(
        'mail identity',
        `${found.name} is not verified`,
        'publish the CNAME records that SES gives for DKIM, and wait',
      )
    return found.dkim === 'SUCCESS' || found.name.includes('@')
      ? good('mail identity', `${found.name} is verified`)
      : broken(
          'mail identity',
          `${found.name} signs no mails: DKIM is ${found.dkim}`,
          'publish the CNAME records that SES gives for DKIM',
        )
  }),
  findingOf('mail set', configurationSet, ({ isSending }) =>
    isSending
      ? good('mail set', 'sends')
      : broken(
          'mail set',
          'its configuration set is stopped',
          'aws sesv2 put-configuration-set-sending-options --sending-enabled',
        ),
  ),
]

const versionFinding = ({ stage, deployed, program }: StageFacts): Finding => {
  const deploy = `npm run deploy -- --stage ${stage}; CHANGELOG.md lists the changes`
  if (deployed === null) return broken('version', `the version of the stage is unknown, and this is ${program}`, deploy)
  if (deployed === program) return good('version', `the stage is ${deployed}, as this is`)
  const summary = `the stage is ${deployed}, and this is ${program}`
  const order = compareVersions(deployed, program)
  if (order < 0) return broken('version', `${summary}: the stage is older`, deploy)
  return order > 0
    ? broken('version', `${summary}: the command line is older`, 'git pull && npm ci, at the version of the stage')
    : broken('version', `${summary}: neither is newer by its number`, deploy)
}

/**
 * Returns a negative number where `first` is older.
 * @param first such as `vigie 0.1.0`
 */
const compareVersions = (first: string, second: string): number => {
  const [some, others] = [first, second].map((one) => (one.match(/\d+/g) ?? []).slice(0, 3).map(Number))
  for (const [index, number] of (some ?? []).entries()) {
    const difference = number - (others?.[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
