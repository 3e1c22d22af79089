/** Labels that Vigie prints are known as headings: analysts often copy them into their sheets. */
import { expect, test } from 'vitest'
import { languages } from '../../../lambdas/domain/core/language/languages.ts'
import { fields, fitOf } from '../../../lambdas/intake/csv/fields.ts'
import { csvColumns } from '../../../lambdas/render/exports/csv.ts'
import { columnFields } from '../../../lambdas/web/reading-room/add/grid.ts'
import { cellName, changedName } from '../../../lambdas/web/reading-room/frame/field-text.ts'
import { roomWordingOf } from '../../../lambdas/web/shared/wording.ts'

/** Filled by several columns. */
const inParts: ReadonlySet<string> = new Set(['criteria'])

/** Columns of `detections.csv` that are not read back. */
const ofReports: ReadonlySet<string> = new Set([
  ...['standing', 'precision', 'territory_method', 'territory_via', 'modus_operandi', 'technique_names'],
  ...['attribution_bases', 'attribution_links', 'criteria', 'interval_minutes', 'posts_by_interval', 'supposed_origin'],
])

/** Labels of lists, cards and forms, by their field. */
const labels = {
  'list.when': 'observed',
  platforms: 'platforms',
  'measure.posts': 'counts.posts',
  'list.accounts': 'counts.accounts',
  'measure.reposts': 'counts.reposts',
  'list.marking': 'marking',
  'manoeuvre.actor': 'actor.name',
  'manoeuvre.evidence': 'evidence',
  'manoeuvre.confidence': 'confidence',
  'manoeuvre.techniques': 'techniques',
  'manoeuvre.effect': 'observedEffect',
  'room.field.territory': 'territories',
  'room.mend.places': 'territories',
  'room.detections.from': 'observed.from',
  'room.detections.to': 'observed.to',
} as const

test.each(languages)('every label of a field is known as a heading, in %s', (language) => {
  const words = roomWordingOf(language)
  const paths = [...new Set(fields.map(({ path }) => path))].filter((path) => !inParts.has(path))
  expect(paths.length).toBeGreaterThan(30)
  const unknown = paths.flatMap((path) => {
    const label = changedName(path, words)
    const field = fitOf(label)?.field
    return field?.path === path || field?.name === path ? [] : [`${path}: ${label}`]
  })
  expect(unknown).toEqual([])
  for (const [key, name] of Object.entries(labels)) {
    const label = words.say(key as keyof typeof labels)
    expect([label, fitOf(label)?.field.name]).toEqual([label, name])
  }
})

test.each(languages)(
  'a preview offers every field that a column may fill, each with its own label, in %s',
  (language) => {
    const words = roomWordingOf(language)
    expect(fields.map(({ name }) => name).filter((name) => !columnFields.includes(name))).toEqual([])
    expect(columnFields).toEqual(expect.arrayContaining(['title.fr', 'title.en', 'summary.fr', 'summary.en']))
    const named = columnFields.map((name) => cellName(name, words))
    expect(columnFields.filter((name) => cellName(name, words) === name && /[.A-Z]/.test(name))).toEqual([])
    expect(named.filter((label, at) => named.indexOf(label) !== at)).toEqual([])
  },
)

test.each(['Propagation', 'Percée', 'Échelle de percée', 'Échelle de propagation'])(
  'a column %s holds the breakout',
  (heading) => {
    expect(fitOf(heading)?.field.name).toBe('breakout')
  },
)

test('every heading of detections.csv is known, apart from those of reports alone', () => {
  expect(csvColumns.filter((column) => fitOf(column) === undefined)).toEqual(
    csvColumns.filter((column) => ofReports.has(column)),
  )
})
