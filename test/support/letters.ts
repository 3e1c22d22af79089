/** Letters for tests, on the reports that they are about. */
import { type Letter, type LetterOptions, letterOf } from '../../lambdas/domain/delivery/letter.ts'
import type { Report } from '../../lambdas/domain/page/page.ts'
import { detectionAsOf } from './detections.ts'
import { reportOn, unusualLevel } from './reports.ts'

export const links = {
  read: 'https://vigie.example/r/Zm9yIHRlc3RzIG9ubHk',
  unsubscribe: 'https://vigie.example/unsubscribe/Zm9yIHRlc3RzIG9ubHk',
}

export const letterOn = (report: Report, said: Partial<LetterOptions> = {}): Letter =>
  letterOf(report, {
    recipient: { language: 'fr' },
    content: 'findings',
    occasion: { kind: 'first' },
    links,
    attached: false,
    contact: 'veille@example.org',
    ...said,
  })

/** A week at level 2 with something found on one day, all of it GREEN. */
export const greenReport = (): Report =>
  reportOn(
    [
      detectionAsOf({
        observed: { from: '2024-05-15' },
        counts: { posts: { value: 5332, qualifier: 'at least' } },
        marking: 'TLP:GREEN',
      }),
    ],
    { cap: 'TLP:AMBER', level: unusualLevel(5332), before: [{ period: '2024-W19', totals: reportOn([]).totals }] },
  )
