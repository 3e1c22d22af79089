import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Fact,
  type Finding,
  findingOf,
  good,
  isHealthy,
  broken,
  note,
  spanOf,
} from '../../lambdas/domain/checkup/finding.ts'
import { type HomeFacts, homeFindings } from '../../lambdas/domain/checkup/home-findings.ts'
import { servicesLackingIn } from '../../lambdas/domain/checkup/key-policy.ts'
import { type StageFacts, stageFindings } from '../../lambdas/domain/checkup/stage-findings.ts'

const now = '2026-01-10T00:00:00.000Z'
const is = <Value>(value: Value): Fact<Value> => ({ value })

const three = { all: 3, looked: 3, problems: [] }
const stage: StageFacts = {
  stage: 'prod',
  clock: is({ here: now, there: now }),
  stack: is({
    status: 'UPDATE_COMPLETE',
    changedAt: '2025-12-01T00:00:00.000Z',
    isProtected: true,
    drift: 'IN_SYNC',
    driftCheckedAt: now,
  }),
  concurrency: is({ limit: 1_000, free: 1_000, queues: 12 }),
  alarmMail: is([{ endpoint: 'watch@example.org', isConfirmed: true }]),
  alarms: is([{ name: 'ReportsWaiting', state: 'OK', isMute: false }]),
  queues: is([{ name: 'reports', waiting: 0, oldestSeconds: null, lateSeconds: 2_400, deadLetters: 0 }]),
  table: is({ status: 'ACTIVE', isProtected: true, isExpiring: true }),
  recovery: is({ isOn: true, earliest: '2025-12-06T00:00:00.000Z', latest: now }),
  archive: is({ isVersioned: true, isWrittenOnce: true }),
  signingKey: is({ state: 'Enabled' }),
  pseudonymSecret: is({ goesAt: null }),
  storageKey: is(null),
  mail: {
    from: 'vigie@example.org',
    account: is({ isInSandbox: false, isSending: true, enforcementStatus: 'HEALTHY', sent: 1, most: 50_000 }),
    identity: is({ name: 'example.org', isVerified: true, dkim: 'SUCCESS' }),
    configurationSet: is({ isSending: true }),
  },
  synthetic: is([{ at: '2026-01-09T03:00:00Z', isArchived: true, isMailed: true }]),
  stored: is({ latest: now }),
  unrecorded: is({ acts: [], unseen: 'no other' }),
  newest: is({ ...three, program: 'vigie 1.0.0' }),
  deployed: 'vigie 1.0.0',
  program: 'vigie 1.0.0',
}
const home: HomeFacts = {
  home: '/home',
  node: { running: '24.1.0', asked: '>=24' },
  store: is({ table: 'open' }),
  stored: is({ latest: now }),
  unrecorded: is({ acts: [], unseen: 'no other' }),
  newest: is({ ...three, program: 'vigie 1.0.0' }),
  room: is({ home: 20e9, temporary: 20e9, temporaryFolder: '/tmp' }),
  print: is({ ms: 300, text: 'Vigie é' }),
  fonts: is({ known: 33, missing: [] }),
  house: is({ isOwn: true }),
  program: 'vigie 1.0.0',
}
const undone = (findings: readonly Finding[]) =>
  findings.filter((one) => !isHealthy([one])).map(({ check, detail: said }) => `${check}: ${said}`)

describe('a stage', () => {
  const driftAt = (driftCheckedAt: string) =>
    stageFindings(
      {
        ...stage,
        stack: is({
          ...{ status: 'CREATE_COMPLETE', changedAt: '2025-01-01T00:00:00.000Z', isProtected: true },
          ...{ drift: 'IN_SYNC', driftCheckedAt },
        }),
      },
      now,
    ).find(({ check }) => check === 'drift')

  test('whose drift was looked for more than 90 days ago is told so, and has nothing to mend', () => {
    expect(driftAt('2025-10-12T00:00:00.000Z')).toMatchObject({ state: 'good' })
    expect(driftAt('2025-10-11T23:59:59.000Z')).toMatchObject({
      state: 'note',
      detail: expect.stringMatching(/^none, but that was checked 90 days ago, at 2025-10-11T23:59:59.000Z: aws cloud/),
    })
  })

  test('may be had as it was until a day ago, and not much earlier', () => {
    const latest = (at: string) =>
      undone(stageFindings({ ...stage, recovery: is({ isOn: true, earliest: null, latest: at }) }, now))
    expect(latest('2026-01-09T00:00:00.000Z')).toEqual([])
    expect(latest('2026-01-08T23:59:59.000Z')).toEqual([expect.stringMatching(/^recovery: .* 24 hours ago/)])
  })

  test('in order has nothing to mend', () => {
    expect(undone(stageFindings(stage, now))).toEqual([])
  })

  test.each([
    [null, 'vigie 1.0.0', 'the version of the stage is unknown', 'npm run deploy -- --stage prod'],
    ['vigie 0.9.0', 'vigie 0.10.0', 'the stage is older', 'npm run deploy -- --stage prod'],
    ['vigie 1.10.0', 'vigie 1.9.9', 'the command line is older', 'git pull && npm ci'],
    ['vigie 1.0.0-rc.1', 'vigie 1.0.0', 'neither is newer', 'npm run deploy -- --stage prod'],
  ])('of %s under a command line of %s is told which is older, with what mends it', (deployed, program, said, how) => {
    const [finding] = stageFindings({ ...stage, deployed, program }, now).filter((one) => !isHealthy([one]))
    expect(finding).toMatchObject({ check: 'version', detail: expect.stringContaining(said) })
    expect(finding?.fix).toContain(how)
  })

  test('whose version has any number is older than all with a larger one', () => {
    const version = fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30))
    fc.assert(
      fc.property(version, version, (one, other) => {
        const [deployed, program] = [one, other].map((numbers) => `vigie ${numbers.join('.')}`) as [string, string]
        const said = stageFindings({ ...stage, deployed, program }, now).find(
          ({ check }) => check === 'version',
        )?.detail
        const [a, b] = [one, other].map((numbers) => numbers.reduce((all, number) => all * 31 + number, 0)) as [
          number,
          number,
        ]
        expect(said).toContain(a === b ? 'as this is' : a < b ? 'the stage is older' : 'the command line is older')
      }),
    )
  })

  test('without mail is in order too', () => {
    expect(undone(stageFindings({ ...stage, mail: null }, now))).toEqual([])
  })

  const mail = (changed: Partial<NonNullable<StageFacts['mail']>>): Partial<StageFacts> => ({
    mail: { ...(stage.mail as NonNullable<StageFacts['mail']>), ...changed },
  })
  const account = { isInSandbox: false, isSending: true, enforcementStatus: 'HEALTHY', sent: 1, most: 50_000 }
  test.each<[string, Partial<StageFacts>, string]>([
    [
      'clock ahead',
      { clock: is({ here: '2026-01-10T00:05:00.000Z', there: now }) },
      'clock: this machine’s shows 2026-01-10T00:05:00.000Z where AWS’s shows 2026-01-10T00:00:00.000Z: 5 minutes ahead',
    ],
    ['clock behind', { clock: is({ here: '2026-01-07T00:00:00.000Z', there: now }) }, '3 days behind'],
    [
      'first deploy failed',
      {
        stack: is({
          status: 'ROLLBACK_COMPLETE',
          changedAt: now,
          isProtected: true,
          drift: 'NOT_CHECKED',
          driftCheckedAt: null,
        }),
      },
      'stack: is in ROLLBACK_COMPLETE',
    ],
    [
      'little concurrency',
      { concurrency: is({ limit: 10, free: 10, queues: 10 }) },
      'readers and other functions wait',
    ],
    [
      'all reserved elsewhere',
      { concurrency: is({ limit: 1_000, free: 12, queues: 10 }) },
      '12 of them not reserved by others',
    ],
    [
      'no trial for days',
      {
        synthetic: is([
          { at: '2026-01-09T03:00:00Z', isArchived: false, isMailed: false },
          { at: '2026-01-08T03:00:00Z', isArchived: true, isMailed: true },
        ]),
      },
      'daily trial: the last one that was printed, archived and mailed was due at 2026-01-08T03:00:00Z',
    ],
    [
      'a trial that was not mailed',
      { synthetic: is([{ at: '2026-01-09T03:00:00Z', isArchived: true, isMailed: false }]) },
      'none of the last days was printed, archived and mailed; that of 2026-01-09T03:00:00Z was archived',
    ],
    ['no trial ever', { synthetic: is([]) }, 'daily trial: none of the last days was printed, archived and mailed'],
    ['nobody told', { alarmMail: is([]) }, 'alarm mail: no address gets the alarms'],
    [
      'an alarm',
      { alarms: is([{ name: 'ReportsWaiting', state: 'ALARM', isMute: false }]) },
      'alarms: ReportsWaiting rings',
    ],
    [
      'a late message',
      { queues: is([{ name: 'drops', waiting: 2, oldestSeconds: 7_300, lateSeconds: 7_200, deadLetters: 0 }]) },
      'queues: a message of drops has waited 2 hours',
    ],
    [
      'table restored',
      { table: is({ status: 'CREATING', isProtected: true, isExpiring: true }) },
      'table: is CREATING',
    ],
    [
      'a restored table',
      { table: is({ status: 'ACTIVE', isProtected: true, isExpiring: false }) },
      'time to live is off, as after a restore',
    ],
    [
      'no recovery',
      { recovery: is({ isOn: false, earliest: null, latest: null }) },
      'recovery: the table cannot be had as it was',
    ],
    [
      'recovery that stands still',
      { recovery: is({ isOn: true, earliest: '2025-12-06T00:00:00.000Z', latest: '2026-01-08T00:00:00.000Z' }) },
      'recovery: the table can be had as of 2026-01-08T00:00:00.000Z at the latest, 2 days ago',
    ],
    [
      'no versions',
      { archive: is({ isVersioned: false, isWrittenOnce: true }) },
      'archive bucket: keeps no versions of its objects',
    ],
    ['key off', { signingKey: is({ state: 'Disabled' }) }, 'signing key: is Disabled'],
    ['storage key off', { storageKey: is({ state: 'Disabled', lacking: [] }) }, 'storage key: is Disabled'],
    [
      'probation',
      mail({ account: is({ ...account, enforcementStatus: 'PROBATION' }) }),
      'mail account: is under PROBATION',
    ],
    ['a full day', mail({ account: is({ ...account, sent: 45_000 }) }), 'has sent 45000 of the 50000 mails of a day'],
    ['no DKIM', mail({ identity: is({ name: 'example.org', isVerified: true, dkim: 'FAILED' }) }), 'DKIM is FAILED'],
    ['stopped set', mail({ configurationSet: is({ isSending: false }) }), 'mail set: its configuration set is stopped'],
    [
      'another key',
      {
        newest: is({
          all: 1,
          looked: 1,
          problems: [
            { file: 'f', message: 'is no signature' },
            { file: 'g', message: 'h' },
          ],
          program: 'vigie 1.0.0',
        }),
      },
      'archive: f is no signature, and 1 more',
    ],
    [
      'stored ahead',
      { stored: is({ latest: '2026-01-11T00:00:00.000Z' }) },
      'stored: something was stored at 2026-01-11T00:00:00.000Z, which is still to come',
    ],
  ])('with %s is told so, with a mend', (_, changed, words) => {
    const findings = stageFindings({ ...stage, ...changed }, now)
    expect(undone(findings)).toHaveLength(1)
    expect(undone(findings)[0]).toContain(words)
    expect(findings.find((one) => !isHealthy([one]))?.fix).toMatch(/\w{3}/)
  })

  test.each<[string, Partial<StageFacts>]>([
    ['a mute alarm', { alarms: is([{ name: 'DeliveriesWaiting', state: 'ALARM', isMute: true }]) }],
    [
      'messages that wait a little',
      { queues: is([{ name: 'reports', waiting: 3, oldestSeconds: 60, lateSeconds: 2_400, deadLetters: 0 }]) },
    ],
    [
      'no drift detection so far',
      {
        stack: is({
          status: 'CREATE_COMPLETE',
          changedAt: now,
          isProtected: true,
          drift: 'NOT_CHECKED',
          driftCheckedAt: null,
        }),
      },
    ],
    [
      'an address as its identity, which needs no DKIM of its own',
      mail({ identity: is({ name: 'vigie@example.org', isVerified: true, dkim: 'NOT_STARTED' }) }),
    ],
    [
      'no trial yet, on the day of its deployment',
      {
        synthetic: is([]),
        stack: is({
          ...{ status: 'CREATE_COMPLETE', changedAt: '2026-01-09T12:00:00.000Z', isProtected: true },
          ...{ drift: 'IN_SYNC', driftCheckedAt: now },
        }),
      },
    ],
    ['trials that are off', { synthetic: is(null) }],
    [
      'trials that nobody mails, where it mails nothing',
      { mail: null, synthetic: is([{ at: '2026-01-09T03:00:00Z', isArchived: true, isMailed: false }]) },
    ],
    ['a newest report that an earlier version made', { newest: is({ ...three, program: 'vigie 0.9.0' }) }],
    ['an empty archive', { newest: is({ all: 0, looked: 0, problems: [], program: null }) }],
  ])('with %s has nothing to mend', (_, changed) => {
    expect(undone(stageFindings({ ...stage, ...changed }, now))).toEqual([])
  })
})

describe('a home', () => {
  test('in order has nothing to mend', () => {
    expect(undone(homeFindings(home, now))).toEqual([])
  })

  test.each<[Partial<HomeFacts>, string]>([
    [{ store: is({ table: 'none' }) }, 'there is no data folder in'],
    [{ store: is({ table: 'open', canWrite: false }) }, 'to be read: commands that write end with an error'],
  ])('whose store is otherwise is told so, with nothing to mend', (changed, words) => {
    const found = homeFindings({ ...home, ...changed }, now)
    expect(undone(found)).toEqual([])
    expect(found.find(({ check }) => check === 'store')).toMatchObject({
      state: 'note',
      detail: expect.stringContaining(words),
    })
  })

  test.each<[string, Partial<HomeFacts>, string]>([
    ['an old Node', { node: { running: '22.4.0', asked: '>=24' } }, 'node: Node 22.4.0, and Vigie takes >=24'],
    [
      'a full disk',
      { room: is({ home: 30e6, temporary: 20e9, temporaryFolder: '/tmp' }) },
      'room: 30 MB are free for the data folder',
    ],
    [
      'a full temporary folder',
      { room: is({ home: 20e9, temporary: 30e6, temporaryFolder: '/tmp' }) },
      'room: 30 MB are free in /tmp',
    ],
    [
      'a font too few',
      { fonts: is({ known: 33, missing: ['a.ttf'] }) },
      'fonts: missing: 1 of 33 files, a.ttf the first',
    ],
    [
      'a print that is empty',
      { print: is({ ms: 3, text: '' }) },
      'print: the browser printed a page that does not read as written',
    ],
    [
      'a store that does not open',
      { store: { unread: 'held by another' } },
      'store: could not be checked: held by another',
    ],
  ])('with %s is told so', (_, changed, words) => {
    expect(undone(homeFindings({ ...home, ...changed }, now))).toEqual([words])
  })
})

test('whatever cannot be read is told with the right that it takes, and everything else is still said', () => {
  const names = Object.entries(stage).flatMap(([name, fact]) =>
    fact && typeof fact === 'object' && 'value' in fact ? [name] : [],
  )
  fc.assert(
    fc.property(fc.subarray(names), (missing) => {
      const unread = Object.fromEntries(missing.map((name) => [name, { unread: 'denied', right: `do:${name}` }]))
      const findings = stageFindings({ ...stage, ...unread } as StageFacts, now)
      expect(findings.map(({ check }) => check)).toEqual(stageFindings(stage, now).map(({ check }) => check))
      const told = new Set(findings.flatMap(({ state, fix: how }) => (state === 'unread' ? [how] : [])))
      expect(told).toEqual(new Set(missing.map((name) => `allow do:${name}, and check again`)))
      expect(isHealthy(findings)).toBe(missing.length === 0)
    }),
  )
})

test('a fact is judged, or unread', () => {
  expect(findingOf('x', is(7), (value) => good('x', String(value)))).toEqual({ check: 'x', state: 'good', detail: '7' })
  expect(findingOf('x', { unread: 'gone' }, () => good('x', ''))).toMatchObject({
    state: 'unread',
    fix: 'fix that, and check again',
  })
  expect(isHealthy([good('a', ''), note('b', '')])).toBe(true)
  expect(isHealthy([good('a', ''), broken('b', '', '')])).toBe(false)
})

test('spans are told in their largest unit', () => {
  expect([0, 60_000, 119 * 60_000, 120 * 60_000, -47 * 3_600_000, 48 * 3_600_000].map(spanOf)).toEqual([
    '0 minutes',
    '1 minute',
    '119 minutes',
    '2 hours',
    '47 hours',
    '2 days',
  ])
})

describe('a key’s policy', () => {
  const statement = (Principal: unknown, Action: unknown, Effect = 'Allow') => ({ Effect, Principal, Action })
  const lacking = (...Statement: readonly object[]) => servicesLackingIn(JSON.stringify({ Statement }), ['logs', 's3'])
  test.each<[string, readonly object[], readonly string[]]>([
    ['empty', [], ['logs.amazonaws.com', 's3.amazonaws.com']],
    [
      'for both by name',
      [
        statement({ Service: ['logs.eu-west-3.amazonaws.com', 's3.amazonaws.com'] }, [
          'kms:Decrypt',
          'kms:GenerateDataKey*',
        ]),
      ],
      [],
    ],
    ['for all by a star', [statement({ AWS: '*' }, 'kms:*')], []],
    [
      'in two statements',
      [
        statement({ Service: 's3.amazonaws.com' }, 'kms:Decrypt'),
        statement({ Service: 's3.amazonaws.com' }, 'kms:GenerateDataKey'),
      ],
      ['logs.amazonaws.com'],
    ],
    [
      'that opens only',
      [statement({ Service: ['logs.amazonaws.com', 's3.amazonaws.com'] }, 'kms:Decrypt')],
      ['logs.amazonaws.com', 's3.amazonaws.com'],
    ],
    ['that denies', [statement('*', 'kms:*', 'Deny')], ['logs.amazonaws.com', 's3.amazonaws.com']],
    [
      'for the account alone',
      [statement({ AWS: 'arn:aws:iam::1:root' }, 'kms:*')],
      ['logs.amazonaws.com', 's3.amazonaws.com'],
    ],
  ])('%s', (_, statements, expected) => {
    expect(lacking(...statements)).toEqual(expected)
  })

  test('of one statement that is no list is read', () => {
    const policy = JSON.stringify({ Statement: statement('*', 'kms:*') })
    expect(servicesLackingIn(policy, ['events'])).toEqual([])
  })
})
