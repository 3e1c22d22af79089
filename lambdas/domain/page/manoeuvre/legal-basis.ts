/** The French texts that define foreign digital interference by four criteria. */

import type { ReportWording } from '../../core/language/report-wording.ts'
import type { Organisation } from '../../report/organisation.ts'

type LegalText = {
  readonly number: string
  readonly signed: string
  readonly from: string
  readonly until?: string
}

/** A decree that sets no day is in force from the day after its publication (14 July 2021). */
export const legalTexts: readonly LegalText[] = [
  { number: '2021-922', signed: '2021-07-13', from: '2021-07-15', until: '2026-02-12' },
  { number: '2026-70', signed: '2026-02-11', from: '2026-02-13' },
]

/** @param day `YYYY-MM-DD` */
export const legalTextOn = (day: string): LegalText | undefined =>
  legalTexts.find(({ from, until }) => from <= day && (until === undefined || day <= until))

/** Returns an empty text where the organisation wants no reference or no text was in force. */
export const legalReference = (
  { house, period }: { readonly house: Organisation; readonly period: { readonly last: string } },
  words: ReportWording,
): string => {
  const { legalBasis } = house
  if (legalBasis === 'none') return ''
  if (legalBasis) return `${legalBasis[words.language].replace(/\.$/, '')}.`
  const text = legalTextOn(period.last)
  return text ? words.say('criteria.decree', { number: text.number, date: words.days(text.signed, text.signed) }) : ''
}
