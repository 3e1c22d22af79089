/** Long reports: three hundred detections in a week, and as many long notes by analysts as fill the pages. */
import type { Report } from '../lambdas/domain/page/page.ts'
import { blocksOf } from '../lambdas/domain/report/shown-notes.ts'
import { reportOn } from '../test/support/reports.ts'
import { crowd } from '../test/support/stress.ts'

const sentence =
  'Les mêmes mots reviennent, à la virgule près, sous des comptes que rien d’autre ne relie, et à quelques minutes les uns des autres. '

const paragraph = sentence.repeat(4).trim()

/** A report opened by so many paragraphs of notes, ten in each. */
export const longReport = (paragraphs: number): Report =>
  reportOn(crowd(300), {
    notes: Array.from({ length: Math.ceil(paragraphs / 10) }, (_, at) => ({
      author: `Analyste ${at + 1}`,
      role: 'cellule de veille',
      language: 'fr',
      marking: 'TLP:AMBER',
      approves: false,
      writtenAt: `2024-05-20T0${at % 10}:00:00.000Z`,
      blocks: blocksOf(Array.from({ length: Math.min(10, paragraphs - 10 * at) }, () => paragraph).join('\n\n')),
    })),
  })
