/** Names and values of all fields of a detection, in the reader's language. */
import { describe, expect, test } from 'vitest'
import { languages } from '../../../../lambdas/domain/core/language/languages.ts'
import { detectionSchema } from '../../../../lambdas/domain/detection/detection.ts'
import { changedName, fieldNames, fieldText } from '../../../../lambdas/web/reading-room/frame/field-text.ts'
import { roomWordingOf } from '../../../../lambdas/web/shared/wording.ts'
import { detection } from '../../../support/detections.ts'

const named = { fr: 'Nommé', en: 'Named' }
const figure = { value: 12345, qualifier: 'at least' as const }
const full = detection({
  ...{ id: 'd1', partOf: 'whole-1', detector: { name: 'D3X' }, kind: 'copy-paste' },
  ...{ title: named, summary: named, claim: { text: named, source: 'AFP' }, established: named, territories: ['NC'] },
  observed: { from: '2024-05-15T13:00:00Z' },
  platforms: ['X'],
  counts: {
    ...{ posts: figure, reposts: figure, accounts: figure, coordinatedAccounts: figure, videos: figure, views: figure },
    byPlatform: [{ platform: 'X', posts: 3 }],
    byDay: [{ day: '2024-05-15', posts: 3 }],
    byInterval: [{ from: '2024-05-15T13:00:00Z', minutes: 60, posts: 3 }],
  },
  accountRefs: ['secret-account'],
  coordinatedAccountRefs: ['secret-account'],
  accountSet: { id: 'set-1', name: named, size: figure },
  campaign: 'Campaign',
  actor: {
    ...{ name: named, attributedBy: 'VIGINUM', likelihood: 'likely', confidence: 'moderate' },
    replies: [{ by: 'Party', text: named, date: '2024-05-16' }],
  },
  supposedOrigin: { zone: 'Asia/Baku', by: 'VIGINUM' },
  timeZoneUnknown: true,
  modusOperandi: { name: named, attributedBy: 'VIGINUM' },
  reported: { campaign: 'campain' },
  event: { place: named, participants: [named] },
  techniques: [{ id: 'T0049', name: named }],
  narratives: [named],
  hashtags: ['#x'],
  languages: ['fr'],
  fingerprints: [{ algorithm: 'sha256', value: 'abc' }],
  indicators: [{ type: 'url', value: 'https://bad.example/x' }],
  impersonates: [{ class: 'organization', name: named }],
  observedEffect: { state: 'observed', degree: 'act', text: named, source: 'AFP' },
  evidence: [{ label: named, url: 'https://bad.example/y' }],
  plates: ['a'.repeat(64)],
  quotes: [{ text: 'Bonjour', language: 'fr' }],
  confidence: { level: 'high', score: 80, source: 'OpenCTI' },
  ...{ reliability: 'B', credibility: 2, marking: 'TLP:GREEN', markingSource: 'stated' },
  breakout: { category: 3, evidence: named, basis: 'amplified', confirmed: { by: 'Ana Martin', on: '2024-05-16' } },
  criteria: [{ criterion: 'foreign-actor', state: 'not assessed' }],
})

const inSchema = (): readonly string[] => {
  const { counts: _, revision: __, ...fields } = detectionSchema.shape
  const figures = Object.keys(detectionSchema.shape.counts.unwrap().shape)
  return [...Object.keys(fields), ...figures.map((name) => `counts.${name}`), 'actor.replies'].sort()
}

test('all fields of the schema are known, and no other', () => {
  expect([...fieldNames].sort()).toEqual(inSchema())
})

describe.each(languages)('in %s', (language) => {
  const words = roomWordingOf(language)
  test.each(inSchema())('%s is printed as the page of a detection prints it', (name) => {
    const text = fieldText(full, name, words)
    expect(text).not.toBe('–')
    expect(text).not.toMatch(/[{}"]|\["|https:|secret-account|\bund\b|12345\b/)
    if (language === 'fr')
      expect(text).not.toMatch(/\b(?:Named|stated|observed|at least|not assessed|act|high|likely|true|amplified)\b/)
    expect(changedName(name, words)).not.toMatch(/\.|[a-z][A-Z]/)
  })
})

test.each([
  ['observedEffect', 'observé : acte ou décision · selon AFP · Nommé'],
  ['claim', 'Nommé · selon AFP'],
  ['markingSource', 'indiqué par la source'],
  ['detector', 'D3X'],
  ['hashtags', '#x'],
  ['counts.posts', 'au moins 12\u202f345'],
])('%s reads %s', (name, expected) => {
  expect(fieldText(full, name, roomWordingOf('fr')).replaceAll('\u00a0', ' ')).toBe(expected)
})
