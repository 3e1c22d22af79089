/** The last words of a deployment. */
import { expect, test } from 'vitest'
import { readSettings } from '../../lib/settings.ts'
import { whatIsOn } from '../../lib/what-is-on.ts'

const lines = (stage: object, outputs: Readonly<Record<string, string>> = {}) =>
  whatIsOn(readSettings({ stage: 'prod', stages: { prod: stage } }), outputs)
const lineOf = (all: readonly string[], name: string) => all.find((line) => line.includes(`  ${name}  `)) ?? ''

test('say what is on with its address, and how each of the rest is turned on', () => {
  const said = lines({}, { ApiUrl: 'https://api.test', RoomUrl: 'https://room.test/room', ReaderPool: 'pool-1' })
  expect(lineOf(said, 'API         ')).toMatch(/^ {2}on .*https:\/\/api\.test.*roles of the account, up to TLP:AMBER/)
  expect(lineOf(said, 'reading room')).toMatch(/^ {2}on .*https:\/\/room\.test\/room.*pool-1/)
  expect(lineOf(said, 'mail        ')).toMatch(/^ {2}off .*-c mail='\{"from":"vigie@example\.org"\}'/)
  expect(lineOf(said, 'alarm mail  ')).toMatch(/^ {2}off .*-c alarmMail=/)
  expect(said.join('\n')).not.toContain('undefined')
})

test('say the other way round where it is the other way round', () => {
  const said = lines(
    {
      ...{ api: false, room: false, alarmMail: 'watch@example.org', dashboard: true, vpc: true, kmsKey: 'create' },
      ...{
        budget: 10,
        objectLockDays: 365,
        backupVault: 'arn:aws:backup:eu-west-3:210987654321:backup-vault:vigie',
        mail: { from: 'vigie@example.org' },
      },
    },
    { Site: 'https://links.test' },
  )
  expect(said.filter((line) => line.startsWith('  off')).map((line) => line.split(/\s+/)[2])).toEqual([
    'API',
    'reading',
  ])
  expect(said.join('\n')).not.toContain('undefined')
})

test('say at which address a domain’s record must point', () => {
  const certificate = 'arn:aws:acm:eu-west-3:123456789012:certificate/0a1b2c3d'
  const said = lines(
    { api: { domain: { name: 'api.example.org', certificate } }, room: { domain: { name: 'room.example.org' } } },
    { ProgramsFrontDomainTarget1234: 'd-1.execute-api.test' },
  )
  expect(said.filter((line) => line.includes('CNAME'))).toEqual([
    '  api.example.org needs a CNAME record that points to d-1.execute-api.test',
  ])
})
