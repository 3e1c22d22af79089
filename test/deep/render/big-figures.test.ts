/** Figures of up to twelve digits, on paper and on every screen: whole, in one line, and in their place. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { languages } from '../../../lambdas/domain/core/language/languages.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { campaignCode } from '../../../lambdas/domain/detection/campaigns.ts'
import type { Page } from '../../../lambdas/domain/page/page.ts'
import { fontFaceCss } from '../../../lambdas/render/fonts.ts'
import { renderHtml } from '../../../lambdas/render/html.ts'
import { ingestDetections } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { generateReport } from '../../../lambdas/usecases/reports/generate-report.ts'
import { bigWeek } from '../../support/big-figures.ts'
import { brokenOn, papers } from '../../support/broken-words.ts'
import { openReader, type Reader } from '../../support/browser.ts'
import { newFolder } from '../../support/cli.ts'
import { detection } from '../../support/detections.ts'
import { openServices } from '../../support/services.ts'

let reader: Reader
beforeAll(async () => {
  reader = await openReader()
})
afterAll(() => reader.close())

const subjects = ['ALL', 'RE', campaignCode('Opération Aubépine')] as const

describe.each([12_000_000, 10_000_000_000])('a week of figures up to %i', (largest) => {
  const made = new Map<string, Page>()

  beforeAll(async () => {
    const period = parsePeriod('2026-W47')
    const { folder, remove } = await newFolder()
    const { services, at, close } = await openServices(folder)
    try {
      at('2026-11-26T12:00:00.000Z')
      await ingestDetections(
        bigWeek(period, largest).map((one) => ({ detection: detection(one) })),
        'big.ndjson',
        services,
      )
      for (const territory of subjects) {
        const asked = { territory, period, cap: 'TLP:AMBER', campaign: 'Opération Aubépine' } as const
        const { report } = await generateReport(asked, services)
        for (const lang of languages) made.set(`${territory}, ${lang}`, report.pages[lang])
      }
    } finally {
      await close()
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
