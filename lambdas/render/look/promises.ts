/** What readers must see of a report, whatever its style sheet is: checked against what is painted. */
import type { Fault, FaultCode } from '../../domain/core/fault.ts'
import { type Marking, markingColours } from '../../domain/core/marking.ts'
import { type Box, baselineOf, isInside, type Paint, touches } from './paint.ts'

export type PaintedSheet = { readonly paints: readonly Paint[]; readonly header: Box; readonly footer: Box }

type SheetPromise = {
  readonly code: FaultCode
  readonly values: Fault['values']
  readonly isKept: (sheet: PaintedSheet, marking: Marking) => boolean
}

const black = '#000000'

/** In points. */
const minSize = 7

/** In its colour on black, whole, and under nothing. A marking that is missing as a text is another fault. */
const isSeen = (paints: readonly Paint[], margin: Box, marking: Marking): boolean => {
  const chips = [...paints.entries()].filter(([, { text, box }]) => text.includes(marking) && touches(box, margin))
  const isWhole = ([at, chip]: readonly [number, Paint]): boolean => {
    const { text, box, colour } = chip
    const ground = paints.slice(0, at).findLast((one) => touches(one.box, box))
    const isOnBlack = ground?.colour === black && isInside(box, ground.box) && isInside(box, margin)
    const isLegible = text === marking && colour === markingColours[marking] && baselineOf(chip).size >= minSize
    return isOnBlack && isLegible && !paints.slice(at + 1).some((one) => touches(one.box, box))
  }
  return chips.length === 0 || chips.some(isWhole)
}

export const sheetPromises: readonly SheetPromise[] = (['header', 'footer'] as const).map((margin) => ({
  ...{ code: 'gate.pdf.markingUnseen', values: { margin } },
  isKept: (sheet, marking) => isSeen(sheet.paints, sheet[margin], marking),
}))
