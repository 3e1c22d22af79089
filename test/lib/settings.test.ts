/** What a deployment may choose, and what it is told when it chooses wrongly. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readSettings, SettingsError } from '../../lib/settings.ts'

const read = (stage: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}) =>
  readSettings({ stage: 'dev', stages: { dev: stage }, ...more })

const refusal = (
  stage: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
  region?: string,
): string => {
  try {
    readSettings({ stage: 'dev', stages: { dev: stage }, ...more }, region)
  } catch (error) {
    if (error instanceof SettingsError) return error.message
    throw error
  }
  throw new Error('nothing was refused')
}

describe('settings', () => {
  test('of cdk.json can be read, for every stage in it', () => {
    const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'))
    for (const stage of Object.keys(context.stages)) expect(readSettings({ ...context, stage }).stage).toBe(stage)
  })

  test('are all territories, every week and month, where nothing is said', () => {
    const settings = read({})
    expect(settings.territories).toHaveLength(13)
    expect(settings).toMatchObject({
      stage: 'dev',
      cadences: ['week', 'month'],
      vpc: false,
      logRetentionDays: 90,
      concurrency: { generate: 4, ingest: 2, deliver: 2, reserve: false },
      dashboard: false,
    })
  })

  test('given on the command line win, and are read as what they mean', () => {
    const settings = read(
      { vpc: false, territories: ['NC'] },
      { territories: 'NC,COR', vpc: 'true', logRetentionDays: '30', alarmMail: 'a@example.org' },
    )
    expect(settings).toMatchObject({ territories: ['NC', 'COR'], vpc: true, logRetentionDays: 30 })
  })

  test('of the CDK itself are none of ours', () => {
    expect(() => read({}, { '@aws-cdk/core:stackRelativeExports': true, 'aws:cdk:bundling-stacks': [] })).not.toThrow()
  })

  test.each([
    [{ territories: ['XX'] }, ['territories.0', '"NC"']],
    [{ territories: ['NC', 'NC'] }, ['territories', 'names something twice']],
    [{ cadences: [] }, ['cadences']],
    [{ alarmMail: 'nobody' }, ['alarmMail', 'must be a mail address']],
    [{ objectLockDays: 0 }, ['objectLockDays', '1']],
    [{ kmsKey: 'alias/mine' }, ['kmsKey', 'ARN of a KMS key']],
    [
      { backupVault: 'arn:aws:backup:eu-west-3:210987654321:backup-vault:Default' },
      ['backupVault', 'other than Default'],
    ],
    [{ logRetentionDays: 31 }, ['logRetentionDays', 'must be one of 1, 3, 5']],
    [{ concurrency: { generate: 1 } }, ['concurrency.generate', '2']],
    [{ concurrency: { generat: 5 } }, ['concurrency', 'no setting generat']],
    [{ vpc: { zones: [] } }, ['vpc', 'zones']],
    [{ budget: 10 }, ['budget', 'alarmMail']],
    [{ tags: { stage: 'x' } }, ['tags', 'set already']],
    [{ api: { domain: { name: 'https://a.example.org' } } }, ['api.domain.name', 'must be a domain such as']],
    [
      { mail: { from: 'a@example.org', domain: { name: 'a.example.org', certificate: 'mine' } } },
      ['ARN of a certificate'],
    ],
    [{ house: 'house.yaml' }, ['house', 'must be the path of a file vigie.json']],
    [{ territory: 'NC' }, ['no setting territory', 'territories, cadences']],
  ])('%j are refused by name', (stage, words) => {
    const message = refusal(stage)
    expect(message).toContain('stage dev cannot be deployed')
    for (const word of words) expect(message).toContain(word)
  })

  test('that are wrong in several ways are refused with all of them', () => {
    expect(refusal({ vpc: 'perhaps', cadences: ['day'] }, { alarmMail: 'nobody' }).split('\n')).toHaveLength(4)
  })

  test('of a stage that is not there name those that are', () => {
    expect(() => readSettings({ stage: 'prd', stages: { dev: {}, prod: {} } })).toThrow(
      'no stage "prd" in cdk.json, which has dev, prod',
    )
    expect(() => readSettings({ stage: 'dev' })).toThrow('context.stages')
    expect(() => readSettings({ stage: 'Dev!', stages: { 'Dev!': {} } })).toThrow('at most 20 letters')
  })

  test('of API and room are on where nothing is said, and off where they are said to be', () => {
    expect(read({})).toMatchObject({ api: { roleClearance: 'TLP:AMBER' }, room: {} })
    expect(read({ api: true }, { room: 'true' })).toMatchObject({ api: { roleClearance: 'TLP:AMBER' }, room: {} })
    const off = read({ api: false }, { room: 'false' })
    expect([off.api, off.room, off.mail]).toEqual([undefined, undefined, undefined])
  })

  test('of the reading room are a pool of our own, or an issuer with the name that it knows us by', () => {
    expect(read({}, { room: '{}' }).room).toEqual({})
    const issuer = { issuer: 'https://sign-in.example.org', clientId: 'vigie' }
    expect(read({ room: issuer }).room).toEqual(issuer)
    expect(refusal({ room: { issuer: issuer.issuer } })).toContain('takes issuer and clientId together')
    expect(refusal({ room: { ...issuer, issuer: 'http://sign-in.example.org' } })).toContain(
      'must be an https address without',
    )
    expect(refusal({ room: { signOutUrl: 'https://sign-in.example.org/out' } })).toContain('of an issuer of your own')
    // Without the six signs at its end a role's policy would name another secret.
    const partial = 'arn:aws:secretsmanager:eu-west-3:123456789012:secret:vigie'
    for (const clientSecret of ['hunter2', partial]) {
      expect(refusal({ room: { ...issuer, clientSecret } })).toContain('must be the ARN of a secret')
    }
    expect(refusal({ room: { ...issuer, secret: 'hunter2' } })).toContain('room: no setting secret')
    const laws = (room: object) => readSettings({ stage: 'laws', stages: { laws: { room } } })
    expect(() => laws({})).toThrow('may not hold aws, amazon or cognito')
    expect(laws(issuer).stage).toBe('laws')
  })
})

const account = '123456789012'
const certificate = (region: string) =>
  `arn:aws:acm:${region}:${account}:certificate/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9`
const key = (region: string) => `arn:aws:kms:${region}:${account}:key/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9`
const secret = (region: string) => `arn:aws:secretsmanager:${region}:${account}:secret:vigie-AbCdEf`
const named = (name: string, region?: string) => ({
  domain: { name, ...(region !== undefined && { certificate: certificate(region) }) },
})

test('a vault of the stage’s own account is refused, where that is known', () => {
  const vault = (of: string) => `arn:aws:backup:eu-west-3:${of}:backup-vault:vigie`
  const read = (of: string) =>
    readSettings({ stage: 'dev', stages: { dev: { backupVault: vault(of) } } }, 'eu-west-3', account)
  expect(() => read(account)).toThrow('would be lost with it')
  expect(read('210987654321').backupVault).toBe(vault('210987654321'))
})

describe('what AWS alone would refuse, after minutes, is refused before anything is built:', () => {
  const issuer = { issuer: 'https://sign-in.example.org', clientId: 'vigie' }
  const ofAnotherRegion: readonly [string, (region: string) => Readonly<Record<string, unknown>>, string][] = [
    ['kmsKey', (region) => ({ kmsKey: key(region) }), 'its replica'],
    ['api.domain.certificate', (region) => ({ api: named('api.example.org', region) }), 'in ACM'],
    ['room.domain.certificate', (region) => ({ room: named('room.example.org', region) }), 'in ACM'],
    [
      'mail.domain.certificate',
      (region) => ({ mail: { from: 'a@example.org', ...named('reports.example.org', region) } }),
      'in ACM',
    ],
    ['room.clientSecret', (region) => ({ room: { ...issuer, clientSecret: secret(region) } }), 'replicate-secret'],
    ['vpc.zones', (region) => ({ vpc: { zones: [`${region}a`, `${region}c`] } }), 'describe-availability-zones'],
  ]

  test.each(ofAnotherRegion)('%s of another region than the stage', (where, setting, mend) => {
    const message = refusal(setting('eu-west-1'), {}, 'eu-west-3')
    expect(message).toContain(`${where}: is of eu-west-1, and the stage is deployed to eu-west-3: `)
    expect(message).toContain(mend)
    for (const region of ['eu-west-3', 'us-gov-west-1']) {
      const settings = { stage: 'dev', stages: { dev: setting(region) } }
      expect(() => readSettings(settings, region)).not.toThrow()
      expect(() => readSettings(settings)).not.toThrow()
    }
  })

  test('two of two regions, wherever the stage is deployed to', () => {
    const message = refusal({ kmsKey: key('eu-west-3'), api: named('api.example.org', 'us-east-1') })
    expect(message).toContain('api.domain.certificate: is of us-east-1, and kmsKey is of eu-west-3: ')
  })

  test('a zone of the stage’s region is one, and a local one too', () => {
    expect(() =>
      readSettings(
        { stage: 'dev', stages: { dev: { vpc: { zones: ['us-west-2a', 'us-west-2-lax-1a'] } } } },
        'us-west-2',
      ),
    ).not.toThrow()
  })

  test('a zone that is named twice', () => {
    const message = refusal({ vpc: { zones: ['eu-west-3a', 'eu-west-3b', 'eu-west-3a'] } })
    expect(message).toContain('vpc.zones: names something twice')
  })

  test('one name of two APIs, but behind a proxy of one’s own', () => {
    const one = named('vigie.example.org', 'eu-west-3')
    const proxied = named('vigie.example.org')
    const mail = { from: 'a@example.org', ...proxied }
    expect(refusal({ api: one, room: one })).toContain(
      'room.domain.name: vigie.example.org is the name of api.domain too: ',
    )
    expect(refusal({ mail, api: false, room: one })).toContain(
      'room.domain.name: vigie.example.org is the name of mail',
    )
    expect(() => read({ mail, api: proxied, room: proxied })).not.toThrow()
  })

  test.each([
    'http://sign-in.example.org',
    'https://sign-in.example.org?tenant=a',
    'https://sign-in.example.org/#a',
    'https://sign-in.example.org/?',
    'https:sign-in.example.org',
    // With credentials; in two pieces, since it looks like a secret of ours.
    ['https://me:anything', 'sign-in.example.org'].join('@'),
    'sign-in.example.org',
  ])('the issuer %s, of the API and of the room', (address) => {
    for (const settings of [
      { api: { issuer: address, audience: ['vigie'] } },
      { room: { issuer: address, clientId: 'vigie' } },
    ]) {
      expect(refusal(settings)).toMatch(
        /(api|room)\.issuer: must be an https address without a query or fragment, as the claim iss of its tokens has it/,
      )
    }
  })

  test.each([
    'https://sign-in.example.org',
    'https://tenant.example.org/',
    'https://sign-in.example.org:8443/realms/a',
  ])('but not the issuer %s', (address) => {
    expect(read({ api: { issuer: address, audience: ['vigie'] } }).api?.issuer).toBe(address)
  })

  test('all of them at once', () => {
    const settings = { budget: 5, kmsKey: key('eu-west-1'), api: named('a.example.org', 'us-east-1') }
    expect(refusal(settings, {}, 'eu-west-3').split('\n')).toHaveLength(4)
  })
})
