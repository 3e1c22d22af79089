/** The summary after a deployment. */
import { expect, test } from 'vitest'
import { readSettings } from '../../lib/settings.ts'
import { whatIsOn } from '../../lib/what-is-on.ts'

const lines = (stage: object, outputs: Readonly<Record<string, string>> = {}) =>
  whatIsOn(readSettings({ stage: 'prod', stages: { prod: stage } }), outputs)
const lineOf = (all: readonly string[], name: string) => all.find((line) => line.includes(`  ${name}  `)) ?? ''

test('lists what is on with its address, and how to turn on the rest', () => {
  const found = lines({}, { ApiUrl: 'https://api.test', RoomUrl: 'https://room.test/room', ReaderPool: 'pool-1' })
  expect(lineOf(found, 'API         ')).toMatch(/^ {2}on .*https:\/\/api\.test.*roles of the account, up to TLP:AMBER/)
  expect(lineOf(found, 'reading room')).toMatch(/^ {2}on .*https:\/\/room\.test\/room.*pool-1/)
  expect(lineOf(found, 'mail        ')).toMatch(/^ {2}off .*-c mail='\{"from":"vigie@example\.org"\}'/)
  expect(lineOf(found, 'alarm mail  ')).toMatch(/^ {2}off .*-c alarmMail=/)
  expect(found.join('\n')).not.toContain('undefined')
})

test('lists all options as on, and API and room as off', () => {
  const found = lines(
    {
      ...{ api: false, room: false, alarmMail: 'watch@example.org', dashboard: true, vpc: true, kmsKey: 'create' },
      ...{ budget: 10, objectLockDays: 365, mail: { from: 'vigie@example.org' } },
      backupVault: 'arn:aws:backup:eu-west-3:210987654321:backup-vault:vigie',
    },
    { Site: 'https://links.test' },
  )
  expect(found.filter((line) => line.startsWith('  off')).map((line) => line.split(/\s+/)[2])).toEqual([
    'API',
    'reading',
  ])
  expect(found.join('\n')).not.toContain('undefined')
})

test('lists the target of the DNS record of a domain', () => {
  const certificate = 'arn:aws:acm:eu-west-3:123456789012:certificate/0a1b2c3d'
  const found = lines(
    { api: { domain: { name: 'api.example.org', certificate } }, room: { domain: { name: 'room.example.org' } } },
    { ProgramsFrontDomainTarget1234: 'd-1.execute-api.test' },
  )
  expect(found.filter((line) => line.includes('CNAME'))).toEqual([
    '  api.example.org needs a CNAME record that points to d-1.execute-api.test',
  ])
})
