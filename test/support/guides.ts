/** The papers as tests read them: their commands, and the words of each as a shell parts them. */
import { readFile } from 'node:fs/promises'
import { marked } from 'marked'

export const guide = (name: string): Promise<string> =>
  readFile(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8')

/** Lines of the blocks of shell that begin with these words, comments cut off. */
export const commandsIn = (text: string, beginning: string): readonly string[] =>
  marked
    .lexer(text)
    .flatMap((token) => (token.type === 'code' && token.lang === 'sh' ? [String(token.text)] : []))
    .flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
    .filter((line) => line.startsWith(`${beginning} `))
    .map((line) => line.slice(beginning.length + 1).replace(/\s+#.*$/, ''))

/** `report NC "a b"` as three words. */
export const wordsOf = (line: string): readonly string[] =>
  Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, bare]) => quoted ?? bare ?? '')
