import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { markingColours } from '../domain/core/marking.ts'
import type { Letter } from '../domain/delivery/letter.ts'
import { templateFolder } from '../templating/folder.ts'
import { boundSigns, withBoundSigns } from '../templating/narrow-cells.ts'
import { strictTemplates } from '../templating/strict.ts'

type Parts = { readonly html: string; readonly text: string }

export const partsOf = (letter: Letter, cid: string): Parts => {
  templates ??= openTemplates()
  const { shownFindings } = letter
  const html = templates.html({
    ...letter,
    ...{ cid, tlpColour: markingColours[letter.marking] },
    shownFindings: shownFindings && { ...shownFindings, level: coloured(shownFindings.level) },
  })
  return { html: withBoundSigns(html), text: wrapped(boundSigns(templates.text(letter))) }
}

/** Colours of the shades of templates/report.css. */
const shadeColours: Readonly<Record<string, readonly [paper: string, ink: string]>> = {
  '1': ['#ecdfc6', '#1b1a17'],
  '2': ['#dcb48a', '#1b1a17'],
  '3': ['#a9521f', '#ffffff'],
  '4': ['#5c1608', '#ffffff'],
}

const coloured = (level: NonNullable<Letter['shownFindings']>['level']) => {
  const [paper, ink] = shadeColours[level?.shade ?? ''] ?? ['#ffffff', '#1b1a17']
  return level && { ...level, paper, ink }
}

type Open = { html(value: unknown): string; text(value: unknown): string }

let templates: Open | undefined

const openTemplates = (): Open => {
  const folder = join(templateFolder('mail'), 'mail')
  const compile = (name: string, on: ReturnType<typeof strictTemplates>) => {
    const file = join(folder, name)
    return on.compile(file, readFileSync(file, 'utf8'))
  }
  return {
    html: compile('report.hbs', strictTemplates()),
    text: compile('report.txt.hbs', strictTemplates({}, { plainText: true })),
  }
}

const maxLineChars = 78

/** Breaks at plain spaces only, indents list items, underlines titles. */
const wrapped = (text: string): string =>
  text
    .split('\n')
    .map((line) => wrappedLine(line.trimEnd()))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')

const wrappedLine = (line: string): string => {
  if (line.startsWith('## ')) return `${line.slice(3)}\n${'-'.repeat(Math.min(maxLineChars, line.length - 3))}`
  const hang = line.startsWith('- ') ? '  ' : ''
  const lines: string[] = []
  let current = ''
  for (const word of line.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > maxLineChars) {
      lines.push(current)
      current = `${hang}${word}`
    } else {
      current = current === '' ? word : `${current} ${word}`
    }
  }
  return [...lines, current].join('\n')
}
