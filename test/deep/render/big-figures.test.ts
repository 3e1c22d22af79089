/** Figures of up to twelve digits, on paper and on every screen: whole, in one line, and in their place. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { languages } from '../../../lambdas/domain/core/language/languages.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { campaignCode } from '../../../lambdas/domain/detection/campaigns.ts'
import type { Page } from '../../../lambdas/domain/page/page.ts'
import { fontFaceCss } from '../../../lambdas/render/fonts.ts'
import { renderHtml } from '../../../lambdas/render/html.ts'
import { bigWeek } from '../../support/big-figures.ts'
import { brokenOn, papers } from '../../support/broken-words.ts'
import { openReader, type Reader } from '../../support/browser.ts'
import { newFolder } from '../../support/cli.ts'
import { draftFrom, ingestInto, openServices } from '../../support/services.ts'

let reader: Reader
beforeAll(async () => {
  reader = await openReader()
})
afterAll(() => reader.close())

const subjects = ['ALL', 'RE', campaignCode('Opération Aubépine')] as const

describe('a week of figures up to 10,000,000,000', () => {
  const made = new Map<string, Page>()

  beforeAll(async () => {
    const { folder, remove } = await newFolder()
    const opened = await openServices(folder)
    try {
      opened.at('2026-11-26T12:00:00.000Z')
      await ingestInto(opened, bigWeek(parsePeriod('2026-W47'), 10_000_000_000))
      for (const subject of subjects) {
        const report = await draftFrom(opened, subject, '2026-W47', { campaign: 'Opération Aubépine' })
        for (const lang of languages) made.set(`${subject}, ${lang}`, report.pages[lang])
      }
    } finally {
      await opened.close()
      await remove()
    }
  })

  it.each(subjects.flatMap((subject) => languages.map((lang) => `${subject}, ${lang}`)))(
    'breaks none of them (%s)',
    async (name) => {
      const page = made.get(name)
      if (!page) throw new Error(`there is no page ${name}`)
      const on = papers.filter(({ width }) => width > 320)
      expect(await brokenOn(renderHtml(page, fontFaceCss('screen')), reader, on)).toEqual({})
    },
  )
})
