/** Counts the words of tools/words.json in comments, declared names and hand-written docs. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import list from './words.json' with { type: 'json' }

type Figure = keyof typeof list.most

export type Counted = {
  readonly figures: Readonly<Record<Figure, number>>
  /** File and word, as `lambdas/ingest.ts: anew`. */
  readonly places: readonly string[]
}

const inText = new RegExp(`\\b(?:${list.texts.join('|')})\\b`, 'gi')
const inName = new RegExp(`^(?:${list.names.join('|')})$`)
const comment = /\/\*[\s\S]*?\*\/|(?<=^|[\s;{(,])\/\/[^\n]*/g
const declaration =
  /\b(?:const|let|function|type|class|interface)\s+([A-Za-z_$][\w$]*)|[{(,;\s](?:readonly\s+)?([A-Za-z_$][\w$]*)\??:(?!:)/g

const root = new URL('../', import.meta.url)

const filesUnder = (...paths: readonly string[]): readonly string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...paths], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '')

const wordsIn = (text: string): number => text.split(/\s+/).filter((word) => /[a-z]/i.test(word)).length

const partsOf = (name: string): readonly string[] =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[\s_$]+/)

export const countWords = (): Counted => {
  const places: string[] = []
  const count = { lines: 0, commentWords: 0, inComments: 0, names: 0, inNames: 0, docWords: 0, inDocs: 0 }
  const read = (file: string) => readFileSync(new URL(file, root), 'utf8')
  const hitsIn = (file: string, text: string) => {
    const hits = text.match(inText) ?? []
    places.push(...hits.map((hit) => `${file}: ${hit}`))
    return hits.length
  }
  for (const file of filesUnder('lambdas/*.ts', 'bin/*.ts', 'lib/*.ts')) {
    const text = read(file)
    const comments = text.match(comment) ?? []
    count.lines += text.split('\n').length
    count.commentWords += comments.reduce((sum, one) => sum + wordsIn(one), 0)
    count.inComments += comments.reduce((sum, one) => sum + hitsIn(file, one), 0)
    const names = [...text.replaceAll(comment, '').matchAll(declaration)].map(
      ([, name, member]) => name ?? member ?? '',
    )
    const wrong = names.filter((name) => partsOf(name).some((part) => inName.test(part)))
    places.push(...wrong.map((name) => `${file}: ${name}`))
    count.names += names.length
    count.inNames += wrong.length
  }
  // Pages that are generated from the code are no pages to read through.
  const generated = /^docs\/reference\/(?:commands|settings)\.md$/
  for (const file of filesUnder('README.md', 'CONTRIBUTING.md', 'docs/*.md').filter((one) => !generated.test(one))) {
    const text = read(file)
    count.docWords += text.split(/\s+/).length
    count.inDocs += hitsIn(file, text)
  }
  return {
    places,
    figures: {
      commentWordsPer100Lines: (count.commentWords / count.lines) * 100,
      per1000CommentWords: (count.inComments / count.commentWords) * 1_000,
      per1000Names: (count.inNames / count.names) * 1_000,
      per1000DocWords: (count.inDocs / count.docWords) * 1_000,
      docWords: count.docWords,
    },
  }
}

/** Figures above what tools/words.json allows. */
export const wordsTooMany = (figures: Counted['figures']): readonly string[] =>
  Object.entries(list.most).flatMap(([name, most]) => {
    const figure = figures[name as Figure]
    return figure <= most ? [] : [`${name} is ${figure.toFixed(1)}, at most ${most}`]
  })
