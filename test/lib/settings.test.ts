/** Settings of a deployment, and the errors for wrong ones. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readSettings, SettingsError } from '../../lib/settings.ts'

type Given = Readonly<Record<string, unknown>>

const read = (stage: Given, more: Given = {}, ...deployed: readonly string[]) =>
  readSettings({ stage: 'dev', stages: { dev: stage }, ...more }, ...deployed)

const refusal = (...given: Parameters<typeof read>): string => {
  try {
    read(...given)
  } catch (error) {
    if (error instanceof SettingsError) return error.message
    throw error
  }
  throw new Error('nothing was refused')
}

const account = '123456789012'
const arn = (service: string, region: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`
const key = (region: string) => arn('kms', region, 'key/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9')
const secret = (region: string) => arn('secretsmanager', region, 'secret:vigie-AbCdEf')
const vault = (of: string) => `arn:aws:backup:eu-west-3:${of}:backup-vault:vigie`
const named = (name: string, region?: string) => {
  const certificate = region !== undefined && arn('acm', region, 'certificate/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9')
  return { domain: { name, ...(certificate && { certificate }) } }
}
const issuer = { issuer: 'https://sign-in.example.org', clientId: 'vigie' }

describe('settings', () => {
  test('of each stage in cdk.json can be read', () => {
    const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'))
    for (const stage of Object.keys(context.stages)) expect(readSettings({ ...context, stage }).stage).toBe(stage)
  })

  test('have defaults: all territories, API and room', () => {
    const settings = read({})
    expect(settings.territories).toHaveLength(13)
    expect(settings).toMatchObject({
      stage: 'dev',
      cadences: ['week', 'month'],
      vpc: false,
      logRetentionDays: 90,
      concurrency: { generate: 4, ingest: 2, deliver: 2, reserve: false },
      dashboard: false,
      api: { roleClearance: 'TLP:AMBER' },
      room: {},
    })
  })

  test('of the command line come first, with their types; settings of the CDK are accepted', () => {
    const cdk = { '@aws-cdk/core:stackRelativeExports': true, 'aws:cdk:bundling-stacks': [] }
    const words = { territories: 'NC,COR', vpc: 'true', logRetentionDays: '30', alarmMail: 'a@example.org', ...cdk }
    const settings = read({ vpc: false, territories: ['NC'] }, words)
    expect(settings).toMatchObject({ territories: ['NC', 'COR'], vpc: true, logRetentionDays: 30 })
    const off = read({ api: false }, { room: 'false' })
    expect([off.api, off.room, off.mail]).toEqual([undefined, undefined, undefined])
    expect(read({ api: true }, { room: '{}' })).toMatchObject({ api: { roleClearance: 'TLP:AMBER' }, room: {} })
  })

  test.each([
    [{ territories: ['XX'] }, ['territories.0', '"NC"']],
    [{ territories: ['NC', 'NC'] }, ['territories', 'names something twice']],
    [{ cadences: [] }, ['cadences']],
    [{ alarmMail: 'nobody' }, ['alarmMail', 'must be a mail address']],
    [{ objectLockDays: 0 }, ['objectLockDays', '1']],
    [{ kmsKey: 'alias/mine' }, ['kmsKey', 'ARN of a KMS key']],
    [{ backupVault: vault('210987654321').replace('vigie', 'Default') }, ['backupVault', 'other than Default']],
    [{ logRetentionDays: 31 }, ['logRetentionDays', 'must be one of 1, 3, 5']],
    [{ concurrency: { generate: 1 } }, ['concurrency.generate', '2']],
    [{ concurrency: { generat: 5 } }, ['concurrency', 'no setting generat']],
    [{ vpc: { zones: [] } }, ['vpc', 'zones']],
    [{ vpc: { zones: ['eu-west-3a', 'eu-west-3b', 'eu-west-3a'] } }, ['vpc.zones: names something twice']],
    [{ budget: 10 }, ['budget', 'alarmMail']],
    [{ tags: { stage: 'x' } }, ['tags', 'set already']],
    [{ api: named('https://a.example.org') }, ['api.domain.name', 'must be a domain such as']],
    [
      { mail: { from: 'a@example.org', domain: { name: 'a.example.org', certificate: 'mine' } } },
      ['ARN of a certificate'],
    ],
    [{ house: 'house.yaml' }, ['house', 'must be the path of a file vigie.json']],
    [{ territory: 'NC' }, ['no setting territory', 'territories, cadences']],
    [{ room: { issuer: issuer.issuer } }, ['takes issuer and clientId together']],
    [{ room: { signOutUrl: 'https://sign-in.example.org/out' } }, ['of an issuer of your own']],
    [{ room: { ...issuer, clientSecret: 'hunter2' } }, ['must be the ARN of a secret']],
    // Without the six signs at its end a role's policy would name another secret.
    [
      { room: { ...issuer, clientSecret: secret('eu-west-3').replace('-AbCdEf', '') } },
      ['must be the ARN of a secret'],
    ],
    [{ room: { ...issuer, secret: 'hunter2' } }, ['room: no setting secret']],
  ])('%j are refused by name', (stage, words) => {
    const message = refusal(stage)
    expect(message).toContain('stage dev cannot be deployed')
    for (const word of words) expect(message).toContain(word)
  })

  test('with several errors are refused with all of them', () => {
    expect(refusal({ vpc: 'perhaps', cadences: ['day'] }, { alarmMail: 'nobody' }).split('\n')).toHaveLength(4)
    const settings = { budget: 5, kmsKey: key('eu-west-1'), api: named('a.example.org', 'us-east-1') }
    expect(refusal(settings, {}, 'eu-west-3').split('\n')).toHaveLength(4)
  })

  test.each([
    [{ stage: 'prd', stages: { dev: {}, prod: {} } }, 'no stage "prd" in cdk.json, which has dev, prod'],
    [{ stage: 'dev' }, 'context.stages'],
    [{ stage: 'Dev!', stages: { 'Dev!': {} } }, 'at most 20 letters'],
    // Cognito refuses the name for its domain.
    [{ stage: 'laws', stages: { laws: { room: {} } } }, 'may not hold aws, amazon or cognito'],
  ])('of the stage in %j are refused', (context, message) => {
    expect(() => readSettings(context)).toThrow(message)
  })

  test('of the room may name an issuer', () => {
    expect(read({ room: issuer }).room).toEqual(issuer)
    expect(readSettings({ stage: 'laws', stages: { laws: { room: issuer } } }).stage).toBe('laws')
  })

  test('with a vault in the account of the stage are refused', () => {
    expect(refusal({ backupVault: vault(account) }, {}, 'eu-west-3', account)).toContain('would be lost with it')
    const other = vault('210987654321')
    expect(read({ backupVault: other }, {}, 'eu-west-3', account).backupVault).toBe(other)
  })
})

describe('settings that only AWS would refuse, after minutes, are refused before the build:', () => {
  const ofAnotherRegion: readonly [string, (region: string) => Given, string][] = [
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

  test.each(ofAnotherRegion)('%s of another region than the stage', (where, setting, fix) => {
    const message = refusal(setting('eu-west-1'), {}, 'eu-west-3')
    expect(message).toContain(`${where}: is of eu-west-1, and the stage is deployed to eu-west-3: `)
    expect(message).toContain(fix)
    for (const region of ['eu-west-3', 'us-gov-west-1']) {
      expect(() => read(setting(region), {}, region)).not.toThrow()
      expect(() => read(setting(region))).not.toThrow()
    }
  })

  test('resources of two regions', () => {
    const message = refusal({ kmsKey: key('eu-west-3'), api: named('api.example.org', 'us-east-1') })
    expect(message).toContain('api.domain.certificate: is of us-east-1, and kmsKey is of eu-west-3: ')
    // A local zone is one of its region.
    expect(() => read({ vpc: { zones: ['us-west-2a', 'us-west-2-lax-1a'] } }, {}, 'us-west-2')).not.toThrow()
  })

  test('one domain for two APIs, except behind a proxy', () => {
    const one = named('vigie.example.org', 'eu-west-3')
    const proxied = named('vigie.example.org')
    const mail = { from: 'a@example.org', ...proxied }
    const refused = 'room.domain.name: vigie.example.org is the name of '
    expect(refusal({ api: one, room: one })).toContain(`${refused}api.domain too: `)
    expect(refusal({ mail, api: false, room: one })).toContain(`${refused}mail`)
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
  ])('the issuer %s', (address) => {
    const message =
      /(api|room)\.issuer: must be an https address without a query or fragment, as the claim iss of its tokens has it/
    expect(refusal({ api: { issuer: address, audience: ['vigie'] } })).toMatch(message)
    expect(refusal({ room: { issuer: address, clientId: 'vigie' } })).toMatch(message)
  })

  test.each(['https://tenant.example.org/', 'https://sign-in.example.org:8443/realms/a'])(
    'but not the issuer %s',
    (address) => {
      expect(read({ api: { issuer: address, audience: ['vigie'] } }).api?.issuer).toBe(address)
    },
  )
})
