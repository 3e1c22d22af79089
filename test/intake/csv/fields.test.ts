/** Headings of sheets, and the fields that they are known for. */
import { expect, test } from 'vitest'
import { fitOf } from '../../../lambdas/intake/csv/fields.ts'

test.each(['Date et heure', 'Date/heure', 'Date and time', 'Date'])('%s is when it was seen', (heading) => {
  expect(fitOf(heading)?.field.name).toBe('observed')
})

test.each([
  ['Incident ID', 'id'],
  ['Incident Name', 'title'],
  ['N° de signalement', 'id'],
  ['Territoire concerné', 'territories'],
  ['Volume de publications', 'counts.posts'],
  ['Vues estimées', 'counts.views'],
  ['Date de l’incident', 'observed'],
  ['claim_urls', 'evidence'],
  ['factcheck_url', 'evidence'],
  ['urls', 'evidence'],
  ['IOC URLs', 'indicators.url'],
  ['disarm_id', 'id'],
  ['Référence', 'id'],
  ['Réf.', 'id'],
  ['Références', 'evidence'],
  ['title.pt', 'title.pt'],
  ['title_en', 'title.en'],
  ['when_added', undefined],
  ['% posts', undefined],
  ['Date de signalement', undefined],
  ['Date des faits', 'observed'],
  ['created', undefined],
  ['Create date', undefined],
  ['account_id', undefined],
])('%s is %s', (heading, field) => {
  expect(fitOf(heading)?.field.name).toBe(field)
})

test('Diffusion is no breakout: sheets write in it to whom a row may go', () => {
  expect(fitOf('Diffusion')).toBeUndefined()
  expect(fitOf('Diffusion artificielle')?.field.name).toBe('criteria.artificial-dissemination')
})
