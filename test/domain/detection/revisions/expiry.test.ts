/** What retention removes from a stored detection, by kind; what is left is a detection. */
import { expect, test } from 'vitest'
import { type Detection, readDetection } from '../../../../lambdas/domain/detection/detection.ts'
import {
  expiredJson,
  type Removal,
  removedText,
  substitutesOf,
} from '../../../../lambdas/domain/detection/revisions/expiry.ts'
import { pseudonymForm } from '../../../../lambdas/domain/detection/revisions/pseudonym.ts'
import { detection } from '../../../support/detections.ts'

const address = 'https://hidden.example/a'
const copy = { title: 'Rapport', archiveUrl: address }
const whole = detection({
  detector: { name: 'D3lta', thresholds: { title: 1, note: 'n' }, knownError: { fr: 'Limite' } },
  title: 'secret title',
  summary: 'secret summary',
  claim: 'secret claim',
  established: { text: 'secret', source: address },
  observed: { from: '2024-05-15', label: { fr: 'mi-mai' } },
  accountRefs: ['account_one', 'other'],
  coordinatedAccountRefs: ['account_one'],
  campaign: 'Campaign',
  actor: {
    ...{ name: 'Actor', attributedBy: 'VIGINUM' },
    links: [
      {
        ...{ from: { name: 'A', kind: 'group' }, to: { name: 'B', kind: 'state' }, fact: 'Published fact' },
        ...{ source: copy, attributedBy: 'VIGINUM' },
      },
    ],
    replies: [{ by: 'Actor', text: 'Published reply', source: copy }],
  },
  reported: { campaign: 'secret spelling' },
  event: { place: 'secret place' },
  narratives: ['Narrative'],
  hashtags: ['#tag'],
  indicators: [
    { type: 'url', value: address, note: 'secret note' },
    { type: 'account', value: 'account_one' },
    { type: 'hash', value: 'abc' },
  ],
  observedEffect: { state: 'observed', text: 'secret effect', source: 'Le Monde' },
  evidence: [{ label: 'secret label', url: address, archiveUrl: address }],
  quotes: [{ text: 'secret quote', language: 'fr', archiveUrl: address }],
  confidence: { level: 'low', of: 'secret part' },
  breakout: { category: 3, evidence: 'secret echo' },
  criteria: [{ criterion: 'foreign-actor', state: 'supported', evidence: 'secret proof' }],
})

const { accounts, addresses } = substitutesOf('a key')
const all: Removal = { text: true, account: accounts, address: addresses }

const after = (removal: Removal): Detection => {
  const json = expiredJson(JSON.stringify(whole), removal)
  // A later run changes nothing more.
  expect(expiredJson(json, removal)).toBe(json)
  const read = readDetection(JSON.parse(json))
  return 'detection' in read ? read.detection : expect.unreachable(JSON.stringify(read.refusal))
}

test('texts go; names, the published attribution and the presence of a proof stay', () => {
  const { accountRefs, indicators, evidence, quotes, ...left } = after({ text: true })
  expect(JSON.stringify(left)).not.toContain('secret')
  expect(left).toMatchObject({
    ...{ title: removedText, campaign: 'Campaign', narratives: whole.narratives, hashtags: ['#tag'] },
    ...{ detector: whole.detector, observed: whole.observed, counts: whole.counts, actor: whole.actor },
    observedEffect: { ...whole.observedEffect, text: removedText },
    breakout: { category: 3, evidence: removedText },
    criteria: [{ state: 'supported', evidence: removedText }],
  })
  expect(accountRefs).toEqual(whole.accountRefs)
  expect(indicators.map(({ value }) => value)).toEqual(whole.indicators.map(({ value }) => value))
  expect(evidence).toEqual([{ ...whole.evidence[0], label: removedText }])
  expect(quotes).toBeUndefined()
})

test('addresses go; those of indicators get a substitute', () => {
  const left = after({ address: addresses })
  expect(JSON.stringify({ ...left, established: undefined })).not.toContain('hidden.example')
  expect(left.indicators).toMatchObject([{ value: addresses(address) }, whole.indicators[1], whole.indicators[2]])
  expect(left.actor?.links).toMatchObject([{ fact: { und: 'Published fact' }, source: { title: { und: 'Rapport' } } }])
  expect(left.quotes).toMatchObject([{ text: 'secret quote' }])
})

test('accounts get a substitute in the form of a pseudonym, the same everywhere', () => {
  const { accountRefs = [], coordinatedAccountRefs, indicators, title } = after({ account: accounts })
  const [first, second] = accountRefs
  expect(first).toMatch(pseudonymForm)
  expect(second).not.toBe(first)
  expect([coordinatedAccountRefs, indicators[1]?.value, title]).toEqual([[first], first, whole.title])
  expect(substitutesOf('another key').accounts('other')).not.toBe(second)
})

test('corrections and account lists lose the same', () => {
  const list = [{ field: 'title', value: { title: whole.title }, over: [{ title: { fr: 'secret' } }], by: 'Ana' }]
  expect(JSON.parse(expiredJson(JSON.stringify({ list }), all))).toEqual({
    list: [{ ...list[0], value: { title: removedText }, over: [{ title: removedText }] }],
  })
  expect(JSON.parse(expiredJson('["account_one"]', all))).toEqual([accounts('account_one')])
})
