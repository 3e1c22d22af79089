import { expect } from 'vitest'
import type { Ran } from '../support/cli.ts'

/** Characters that no name may have: controls, surrogates, private use, line separators and invisible marks. */
const unseen = /[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|(?!\u200c|\u200d|[\u{e0020}-\u{e007f}])\p{Cf}/u

export const linesOf = (text: string): readonly string[] => text.trimEnd().split('\n')

/** A terminal interprets or hides no character of a command's output. */
export const checkShown = ({ stdout, stderr }: Ran): void => {
  for (const text of [stdout, stderr]) expect(linesOf(text).filter((line) => unseen.test(line))).toEqual([])
}
