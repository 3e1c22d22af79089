import fc from 'fast-check'
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
const stackStatus = {
  status: 'UPDATE_COMPLETE',
  isProtected: true,
  drift: 'IN_SYNC',
  driftCheckedAt: now,
}
const queue = { name: 'reports', waiting: 0, oldestSeconds: null, lateSeconds: 2_400, deadLetters: 0 }
const account = { isInSandbox: false, isSending: true, enforcementStatus: 'HEALTHY', sent: 1, most: 50_000 }
const identity = { name: 'example.org', isVerified: true, dkim: 'SUCCESS' }
const mail: NonNullable<StageFacts['mail']> = {
  from: 'vigie@example.org',
  account: is(account),
  identity: is(identity),
  configurationSet: is({ isSending: true }),
}
const stage: StageFacts = {
  stage: 'prod',
  clock: is({ here: now, there: now }),
  stack: is(stackStatus),
  concurrency: is({ limit: 1_000, free: 1_000, queues: 12 }),
  alarmMail: is([{ endpoint: 'watch@example.org', isConfirmed: true }]),
  alarms: is([{ name: 'ReportsWaiting', state: 'OK', isMute: false }]),
  queues: is([queue]),
  table: is({ status: 'ACTIVE', isProtected: true, isExpiring: true }),
  recovery: is({ isOn: true, earliest: '2025-12-06T00:00:00.000Z', latest: now }),
  archive: is({ isVersioned: true, isWrittenOnce: true }),
  signingKey: is({ state: 'Enabled' }),
  pseudonymSecret: is({ goesAt: null }),
  storageKey: is(null),
  mail,
  stored: is({ latest: now }),
  unrecorded: is({ acts: [], unseen: 'no other' }),
  decisions: is([]),
  newest: is({ ...three, program: 'vigie 1.0.0' }),
  deployed: 'vigie 1.0.0',
  program: 'vigie 1.0.0',
}
const room = { home: 20e9, temporary: 20e9, temporaryFolder: '/tmp' }
const home: HomeFacts = {
  home: '/home',
  node: { running: '24.1.0', asked: '>=24' },
  store: is({ table: 'open' }),
  stored: is({ latest: now }),
  unrecorded: is({ acts: [], unseen: 'no other' }),
  decisions: is([]),
  files: is({ owner: 'vigie', closed: [] }),
  halfBackups: is([]),
  newest: is({ ...three, program: 'vigie 1.0.0' }),
  room: is(room),
  print: is({ ms: 300, text: 'Vigie é' }),
  fonts: is({ known: 33, missing: [] }),
  house: is({ isOwn: true }),
  service: is({ last: { at: now, failed: [] } }),
  mail: is({ server: 'mail.example.org', waiting: 0 }),
  program: 'vigie 1.0.0',
}
const brokenIn = (findings: readonly Finding[]) =>
  findings.filter((one) => !isHealthy([one])).map(({ check, detail }) => `${check}: ${detail}`)

const brokenOn = (changes: Partial<StageFacts>) => brokenIn(stageFindings({ ...stage, ...changes }, now))

describe('a stage', () => {
  const stackAs = (changes: Partial<typeof stackStatus>): Partial<StageFacts> => ({
    stack: is({ ...stackStatus, ...changes }),
  })
  const queueAs = (changes: object): Partial<StageFacts> => ({ queues: is([{ ...queue, ...changes }]) })
  const mailAs = (changes: Partial<typeof mail>): Partial<StageFacts> => ({ mail: { ...mail, ...changes } })

  test('has a note on drift that was checked more than 90 days ago', () => {
    const driftAt = (driftCheckedAt: string) =>
      stageFindings({ ...stage, ...stackAs({ driftCheckedAt }) }, now).find(({ check }) => check === 'drift')
    expect(driftAt('2025-10-12T00:00:00.000Z')).toMatchObject({ state: 'good' })
    expect(driftAt('2025-10-11T23:59:59.000Z')).toMatchObject({
      state: 'note',
      detail: expect.stringMatching(/^none, but that was checked 90 days ago, at 2025-10-11T23:59:59.000Z: aws cloud/),
    })
  })

  test('can be restored to a day ago or later', () => {
    const latest = (at: string) => brokenOn({ recovery: is({ isOn: true, earliest: null, latest: at }) })
    expect(latest('2026-01-09T00:00:00.000Z')).toEqual([])
    expect(latest('2026-01-08T23:59:59.000Z')).toEqual([expect.stringMatching(/^recovery: .* 24 hours ago/)])
  })

  test.each([
    [null, 'vigie 1.0.0', 'the version of the stage is unknown', 'npm run deploy -- --stage prod'],
    ['vigie 0.9.0', 'vigie 0.10.0', 'the stage is older', 'npm run deploy -- --stage prod'],
    ['vigie 1.10.0', 'vigie 1.9.9', 'the command line is older', 'git pull && npm ci'],
    ['vigie 1.0.0-rc.1', 'vigie 1.0.0', 'neither is newer', 'npm run deploy -- --stage prod'],
  ])('of %s under a command line of %s has the older one, with the fix', (deployed, program, detail, how) => {
    const [finding] = stageFindings({ ...stage, deployed, program }, now).filter((one) => !isHealthy([one]))
    expect(finding).toMatchObject({ check: 'version', detail: expect.stringContaining(detail) })
    expect(finding?.fix).toContain(how)
  })

  test('compares versions by their numbers', () => {
    const version = fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30))
    fc.assert(
      fc.property(version, version, (one, other) => {
        const [deployed, program] = [one, other].map((numbers) => `vigie ${numbers.join('.')}`) as [string, string]
        const found = stageFindings({ ...stage, deployed, program }, now).find(({ check }) => check === 'version')
        const [a = 0, b = 0] = [one, other].map((numbers) => numbers.reduce((all, number) => all * 31 + number, 0))
        expect(found?.detail).toContain(
          a === b ? 'as this is' : a < b ? 'the stage is older' : 'the command line is older',
        )
      }),
    )
  })

  test.each<[string, Partial<StageFacts>, string]>([
    [
      'a clock ahead',
      { clock: is({ here: '2026-01-10T00:05:00.000Z', there: now }) },
      'clock: this machine’s shows 2026-01-10T00:05:00.000Z where AWS’s shows 2026-01-10T00:00:00.000Z: 5 minutes ahead',
    ],
    ['a clock behind', { clock: is({ here: '2026-01-07T00:00:00.000Z', there: now }) }, '3 days behind'],
    ['a failed first deploy', stackAs({ status: 'ROLLBACK_COMPLETE' }), 'stack: is in ROLLBACK_COMPLETE'],
    [
      'little concurrency',
      { concurrency: is({ limit: 10, free: 10, queues: 10 }) },
      'readers and other functions wait',
    ],
    [
      'concurrency reserved elsewhere',
      { concurrency: is({ limit: 1_000, free: 12, queues: 10 }) },
      '12 of them not reserved by others',
    ],
    ['no alarm mail', { alarmMail: is([]) }, 'alarm mail: no address gets the alarms'],
    [
      'an alarm',
      { alarms: is([{ name: 'ReportsWaiting', state: 'ALARM', isMute: false }]) },
      'alarms: ReportsWaiting rings',
    ],
    [
      'a late message',
      queueAs({ name: 'drops', waiting: 2, oldestSeconds: 7_300, lateSeconds: 7_200 }),
      'queues: a message of drops has waited 2 hours',
    ],
    ['a new table', { table: is({ status: 'CREATING', isProtected: true, isExpiring: true }) }, 'table: is CREATING'],
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
      'no versions',
      { archive: is({ isVersioned: false, isWrittenOnce: true }) },
      'archive bucket: keeps no versions of its objects',
    ],
    ['a disabled key', { signingKey: is({ state: 'Disabled' }) }, 'signing key: is Disabled'],
    ['a disabled storage key', { storageKey: is({ state: 'Disabled', lacking: [] }) }, 'storage key: is Disabled'],
    [
      'probation',
      mailAs({ account: is({ ...account, enforcementStatus: 'PROBATION' }) }),
      'mail account: is under PROBATION',
    ],
    ['a full day', mailAs({ account: is({ ...account, sent: 45_000 }) }), 'has sent 45000 of the 50000 mails of a day'],
    ['no DKIM', mailAs({ identity: is({ ...identity, dkim: 'FAILED' }) }), 'DKIM is FAILED'],
    [
      'a stopped set',
      mailAs({ configurationSet: is({ isSending: false }) }),
      'mail set: its configuration set is stopped',
    ],
    [
      'another key',
      {
        newest: is({ ...three, problems: ['f', 'g'].map((file) => ({ file, message: 'no' })), program: 'vigie 1.0.0' }),
      },
      'archive: f no, and 1 more',
    ],
    [
      'something stored ahead',
      { stored: is({ latest: '2026-01-11T00:00:00.000Z' }) },
      'stored: something was stored at 2026-01-11T00:00:00.000Z, which is still to come',
    ],
  ])('with %s has one finding, with a fix', (_, changes, words) => {
    const findings = stageFindings({ ...stage, ...changes }, now)
    expect(brokenIn(findings)).toEqual([expect.stringContaining(words)])
    expect(findings.find((one) => !isHealthy([one]))?.fix).toMatch(/\w{3}/)
  })

  test.each<[string, Partial<StageFacts>]>([
    ['nothing wrong', {}],
    ['no mail', { mail: null }],
    ['a mute alarm', { alarms: is([{ name: 'DeliveriesWaiting', state: 'ALARM', isMute: true }]) }],
    ['messages that wait a little', queueAs({ waiting: 3, oldestSeconds: 60 })],
    ['no drift detection so far', { stack: is({ ...stackStatus, drift: 'NOT_CHECKED', driftCheckedAt: null }) }],
    [
      'an address as its identity, which needs no DKIM',
      mailAs({ identity: is({ name: 'vigie@example.org', isVerified: true, dkim: 'NOT_STARTED' }) }),
    ],
    ['a newest report of an earlier version', { newest: is({ ...three, program: 'vigie 0.9.0' }) }],
    ['an empty archive', { newest: is({ all: 0, looked: 0, problems: [], program: null }) }],
  ])('with %s has nothing to fix', (_, changes) => {
    expect(brokenOn(changes)).toEqual([])
  })
})

describe('a home', () => {
  test('in order has nothing to fix', () => {
    expect(brokenIn(homeFindings(home, now))).toEqual([])
  })

  test.each<[Partial<HomeFacts>, string]>([
    [{ store: is({ table: 'none' }) }, 'there is no data folder in'],
    [{ store: is({ table: 'open', canWrite: false }) }, 'to be read: commands that write end with an error'],
  ])('has a note on its store, and nothing to fix: %j', (changes, words) => {
    const found = homeFindings({ ...home, ...changes }, now)
    expect(brokenIn(found)).toEqual([])
    expect(found.find(({ check }) => check === 'store')).toMatchObject({
      state: 'note',
      detail: expect.stringContaining(words),
    })
  })

  test.each<[string, Partial<HomeFacts>, string]>([
    ['an old Node', { node: { running: '22.4.0', asked: '>=24' } }, 'node: Node 22.4.0, and Vigie takes >=24'],
    ['a full disk', { room: is({ ...room, home: 30e6 }) }, 'room: 30 MB are free for the data folder'],
    ['a full temporary folder', { room: is({ ...room, temporary: 30e6 }) }, 'room: 30 MB are free in /tmp'],
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
      'files of root',
      { files: is({ owner: 'vigie', closed: ['name.txt', 'archive'] }) },
      'files: vigie, the owner of the data folder, cannot use name.txt, nor archive',
    ],
    [
      'half a backup',
      { halfBackups: is(['/copies/may.part']) },
      'backup: /copies/may.part is half a backup: interrupted, unless vigie backup runs now',
    ],
    [
      'a store that does not open',
      { store: { unread: 'held by another' } },
      'store: could not be checked: held by another',
    ],
  ])('with %s has one finding', (_, changes, words) => {
    expect(brokenIn(homeFindings({ ...home, ...changes }, now))).toEqual([words])
  })
})

test('unreadable facts have the right that they need, and all other findings remain', () => {
  const names = Object.entries(stage).flatMap(([name, fact]) =>
    fact && typeof fact === 'object' && 'value' in fact ? [name] : [],
  )
  fc.assert(
    fc.property(fc.subarray(names), (missing) => {
      const unread = Object.fromEntries(missing.map((name) => [name, { unread: 'denied', right: `do:${name}` }]))
      const findings = stageFindings({ ...stage, ...unread } as StageFacts, now)
      expect(findings.map(({ check }) => check)).toEqual(stageFindings(stage, now).map(({ check }) => check))
      const fixes = new Set(findings.flatMap(({ state, fix }) => (state === 'unread' ? [fix] : [])))
      expect(fixes).toEqual(new Set(missing.map((name) => `allow do:${name}, and check again`)))
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

test('spans are in their largest unit', () => {
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
  const both = ['logs.amazonaws.com', 's3.amazonaws.com']
  const s3 = { Service: 's3.amazonaws.com' }

  test.each<[string, readonly object[], readonly string[]]>([
    ['empty', [], both],
    [
      'for both by name',
      [
        statement({ Service: ['logs.eu-west-3.amazonaws.com', 's3.amazonaws.com'] }, [
          ...['kms:Decrypt', 'kms:GenerateDataKey*'],
        ]),
      ],
      [],
    ],
    ['for all by a star', [statement({ AWS: '*' }, 'kms:*')], []],
    [
      'in two statements',
      ['kms:Decrypt', 'kms:GenerateDataKey'].map((action) => statement(s3, action)),
      both.slice(0, 1),
    ],
    ['that opens only', [statement({ Service: both }, 'kms:Decrypt')], both],
    ['that denies', [statement('*', 'kms:*', 'Deny')], both],
    ['for the account alone', [statement({ AWS: 'arn:aws:iam::1:root' }, 'kms:*')], both],
  ])('%s lacks the services without both rights', (_, statements, expected) => {
    expect(servicesLackingIn(JSON.stringify({ Statement: statements }), ['logs', 's3'])).toEqual(expected)
  })

  test('may have one statement without a list', () => {
    expect(servicesLackingIn(JSON.stringify({ Statement: statement('*', 'kms:*') }), ['events'])).toEqual([])
  })
})

test('each decision that the stored detections contradict is to be fixed', () => {
  const decisions = is([
    { id: 'd:1', state: 'signed', isActive: false },
    { id: 'd:2', state: 'refused', isActive: true },
  ])
  expect(homeFindings({ ...home, decisions }, now).filter(({ check }) => check === 'decisions')).toMatchObject([
    { detail: 'd:1 is signed, and its detection does not count', fix: expect.stringContaining('vigie explain d:1') },
    { detail: 'd:2 is refused, and its detection counts', fix: 'vigie withdraw d:2 --reason refused' },
  ])
})

test('a mail server that refuses reports is to be fixed', () => {
  const mail = is({ server: 'mail.example.org', waiting: 2 })
  expect(brokenIn(homeFindings({ ...home, mail }, now))).toEqual(['mail: mails of 2 reports wait for mail.example.org'])
})

test.each<[string, HomeFacts['service'], string, RegExp]>([
  ['that was never started', is({ last: null }), 'note', /never started/],
  ['that ran just now', is({ last: { at: now, failed: [] } }), 'good', /last active/],
  ['that is silent', is({ last: { at: '2026-01-01T00:00:00.000Z', failed: [] } }), 'broken', /was at 2026-01-01/],
  ['whose mails failed', is({ last: { at: now, failed: ['mails'] } }), 'broken', /in part: mails/],
])('a service %s is found so', (_, service, state, detail) => {
  const found = homeFindings({ ...home, service }, now).find(({ check }) => check === 'service')
  expect(found).toMatchObject({ state, detail: expect.stringMatching(detail) })
})
