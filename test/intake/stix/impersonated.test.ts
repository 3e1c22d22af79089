/** A bundle of the shape of VIGINUM's, with invented observables and impersonated identities. */
import { describe, expect, test } from 'vitest'
import { parseObserved } from '../../../lambdas/domain/core/time/observed.ts'
import type { Detection } from '../../../lambdas/domain/detection/detection.ts'
import { pseudonymOf } from '../../../lambdas/domain/detection/revisions/pseudonym.ts'
import { readStix } from '../../../lambdas/intake/stix/stix.ts'
import { type Built, bundle, campaign, noticed, relation, report, stixObject } from '../../support/stix.ts'

const byHand = { file: 'bundle.stix.json', observed: parseObserved('2023-09..2024-02') }

const only = (text: string, options: object = {}): { detection: Detection; unused: Record<string, number> } => {
  const { records, noted } = readStix(text, { ...byHand, ...options })
  expect(records).toHaveLength(1)
  const [record] = records
  if (!record || !('detection' in record)) throw new Error(JSON.stringify(record))
  return { detection: record.detection, unused: noticed(noted).unused }
}

const one = campaign('Babouchka')

/** Four are related to the campaign, four to an identity, and the others to the report only. */
const observables: readonly Built[] = [
  stixObject('domain-name', 'd1', { value: 'le-phare.example' }),
  stixObject('domain-name', 'd2', { value: 'the-beacon.example' }),
  stixObject('url', 'u1', { value: 'https://le-phare.example/a' }),
  stixObject('user-account', 'a1', { account_login: 'beacon_1', account_type: 'X' }),
  stixObject('domain-name', 'd3', { value: 'der-turm.example' }),
  stixObject('hostname', 'h1', { value: 'www.der-turm.example' }),
  stixObject('url', 'u2', { value: 'https://der-turm.example/b' }),
  stixObject('url', 'u3', { value: 'https://the-beacon.example/c' }),
  stixObject('ipv4-addr', 'i1', { value: '192.0.2.7' }),
  stixObject('ipv6-addr', 'i2', { value: '2001:db8::7' }),
  stixObject('email-addr', 'e1', { value: 'press@the-beacon.example' }),
  stixObject('user-account', 'a2', { account_login: 'beacon_2', account_type: 'Telegram' }),
  stixObject('channel', 'c1', { name: 't.me/beacon_news', channel_types: ['Telegram'] }),
  stixObject('persona', 'p1', { persona_name: 'Beacon Editor', persona_type: 'invented' }),
  stixObject('file', 'f1', { hashes: { 'SHA-256': 'ab'.repeat(32), MD5: 'cd'.repeat(16) } }),
  stixObject('x509-certificate', 'x1', { hashes: { 'SHA-1': 'ef'.repeat(20) } }),
  stixObject('autonomous-system', 's1', { number: 64_500 }),
  stixObject('cryptocurrency-wallet', 'w1', { value: '1BoatInventedWallet' }),
]

const media = Array.from({ length: 50 }, (_, at) =>
  stixObject('identity', `Journal ${String(at + 1).padStart(2, '0')}`, { identity_class: 'organization' }),
)
const persons = [
  stixObject('identity', 'Zq Person One', { identity_class: 'individual', roles: ['minister'] }),
  ...Array.from({ length: 5 }, (_, at) =>
    stixObject('identity', `Zq Person ${at + 2}`, { identity_class: 'individual' }),
  ),
  stixObject('identity', 'Zq Nobody Knows', { identity_class: undefined }),
  stixObject('identity', 'Ministries', { identity_class: 'class' }),
]
const identities = [...media, ...persons]

const built = (): string => {
  const technique = stixObject('attack-pattern', 'Impersonate', {
    external_references: [{ source_name: 'mitre-attack', external_id: 'T0143.002' }],
  })
  const owner = stixObject('identity', 'The real owner', { identity_class: 'organization' })
  const theirs = stixObject('domain-name', 'theirs', { value: 'owner.example' })
  const all = [one, technique, owner, theirs, ...observables, ...identities]
  return bundle(
    ...all,
    report('Babouchka, a report', all),
    relation(one, 'uses', technique),
    ...observables.slice(0, 4).map((observable) => relation(observable, 'related-to', one)),
    ...observables.slice(4, 8).map((observable) => relation(observable, 'related-to', media[0] as Built)),
    relation(theirs, 'belongs-to', owner),
    ...identities.slice(0, 30).map((identity) => relation(one, 'impersonates', identity)),
    ...identities.slice(30, 44).map((identity) => relation(technique, 'impersonates', identity)),
    ...identities.slice(44).map((identity) => relation(observables[0] as Built, 'impersonates', identity)),
  )
}

describe('a bundle of 18 observables and 58 impersonated identities', () => {
  test('keeps every observable by its type, and none that belongs to its real owner', () => {
    const { detection } = only(built())
    expect(observables).toHaveLength(18)
    const kept = detection.indicators.map(({ type, value }) => `${type} ${value}`).sort()
    expect(kept).toEqual(
      [
        'domain le-phare.example',
        'domain the-beacon.example',
        'domain der-turm.example',
        'domain www.der-turm.example',
        'url https://le-phare.example/a',
        'url https://der-turm.example/b',
        'url https://the-beacon.example/c',
        'ip 192.0.2.7',
        'ip 2001:db8::7',
        'email press@the-beacon.example',
        'account beacon_1',
        'account beacon_2',
        'account beacon_news',
        'account Beacon Editor',
        `hash ${'ab'.repeat(32)}`,
        `hash ${'cd'.repeat(16)}`,
        `hash ${'ef'.repeat(20)}`,
        'other AS64500',
        'other 1BoatInventedWallet',
      ].sort(),
    )
  })

  test('names organisations, counts persons, and stores no name of a person', () => {
    const { detection, unused } = only(built())
    const said = detection.impersonates ?? []
    expect(identities).toHaveLength(58)
    expect(said).toHaveLength(58)
    const count = (kind: string) => said.filter((identity) => identity.class === kind).length
    expect(['organization', 'class', 'individual', 'unknown'].map(count)).toEqual([50, 1, 6, 1])
    expect(said).toContainEqual({ class: 'organization', name: { en: 'Journal 07' } })
    expect(said.filter(({ role }) => role)).toEqual([{ class: 'individual', role: { en: 'minister' } }])
    expect(JSON.stringify(detection)).not.toContain('Zq')
    expect(unused).toEqual({ 'domain-name': 1, identity: 1, relationship: expect.any(Number) })
  })

  test('names no account where pseudonyms are required', () => {
    const { detection } = only(built(), { pseudonym: pseudonymOf(Buffer.alloc(32, 7)) })
    const accounts = detection.indicators.filter(({ type }) => type === 'account')
    expect(accounts).toHaveLength(4)
    for (const { value } of accounts) expect(value).toMatch(/^acct-[0-9a-f]{24}$/)
  })

  test('has no impersonates field where it has no such relation', () => {
    expect(only(bundle(one, report('r', [one]))).detection).not.toHaveProperty('impersonates')
  })
})
