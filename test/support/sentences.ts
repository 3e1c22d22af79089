/**
 * The sentences that sources can say, read from their syntax: each text and template with words in it, as many times as
 * its parts can be different. It knows neither the messages nor who shows them.
 */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Node, SyntaxKind } from 'typescript/unstable/ast'
import { API, type Checker, type Project, SymbolFlags, type Type, TypeFlags } from 'typescript/unstable/sync'

const root = fileURLToPath(new URL('../..', import.meta.url))

export type Sentence = {
  /** From the root, with its line. */
  readonly where: string
  readonly file: string
  /** As it is written in the source. */
  readonly source: string
  /** What it can say, with samples for what is known when it runs. */
  readonly says: readonly string[]
}

/** Any syntax: which fields there are is said by its kind. */
type Syntax = {
  readonly kind: SyntaxKind
  readonly parent: Syntax | undefined
  readonly text: string
  getText(): string
  getStart(): number
  forEachChild(visit: (child: Syntax) => void): void
} & { readonly [one in OneField]: Syntax } & { readonly [many in ManyField]: readonly Syntax[] }

type OneField =
  | 'name'
  | 'expression'
  | 'operatorToken'
  | 'left'
  | 'right'
  | 'whenTrue'
  | 'whenFalse'
  | 'head'
  | 'literal'
  | 'initializer'
  | 'body'

type ManyField = 'arguments' | 'templateSpans' | 'elements' | 'parameters'

export type Samples = Readonly<Record<string, readonly string[]>>

/** In the place of a text that is known when it runs, of a number and of a list. */
const sample = { text: 'Zürich-7x', number: '7531', list: 'Xanadu, Ypsilon' } as const

/** A product of parts is cut here: nothing has so many ways. */
const maxWays = 96

/**
 * @param where folders and files from the root
 * @param samples by file, what an expression of it, as it is written there, may say, where the syntax does not tell
 */
export const sentencesIn = (
  where: readonly string[],
  samples: Readonly<Record<string, Samples>> = {},
): readonly Sentence[] => {
  const api = new API({ cwd: root })
  try {
    const snapshot = api.updateSnapshot({ openProjects: [`${root}tsconfig.json`] })
    const project = snapshot.getProject(`${root}tsconfig.json`)
    if (!project) throw new Error('tsconfig.json is no project: is TypeScript another version?')
    return where.flatMap((one) => filesIn(one)).flatMap((file) => sentencesOf(file, project, samples[file] ?? {}))
  } finally {
    api.close()
  }
}

const filesIn = (where: string): readonly string[] =>
  where.endsWith('.ts')
    ? [where]
    : readdirSync(`${root}${where}`, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => `${where}/${name}`)
        .toSorted()

const sentencesOf = (file: string, project: Project, samples: Samples): readonly Sentence[] => {
  const source = project.program.getSourceFile(`${root}${file}`) as unknown as Syntax | undefined
  if (!source) throw new Error(`${file} is no part of the project`)
  const ways = waysIn(project, samples)
  const found: Sentence[] = []
  const visit = (node: Syntax): void => {
    if (saysNothing(node)) return
    if (isText(node) && (hasWords(node) || takesSample(node, samples))) {
      const whole = wholeOf(node)
      const line = source.text.slice(0, whole.getStart()).split('\n').length
      const where = `${file}:${line}`
      if (!found.some((one) => one.where === where && one.source === whole.getText())) {
        found.push({ where, file, source: whole.getText(), says: [...new Set(ways(whole, new Map()))] })
      }
      if (whole === node) return
    }
    if (isDescription(node)) visit(node.expression)
    else node.forEachChild(visit)
  }
  visit(source)
  return found
}

const textKinds: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.StringLiteral,
  SyntaxKind.NoSubstitutionTemplateLiteral,
  SyntaxKind.TemplateExpression,
])

const isText = (node: Syntax): boolean => textKinds.has(node.kind)

/** A space and a word, beside what is filled in. */
const hasWords = (node: Syntax): boolean => {
  const own =
    node.kind === SyntaxKind.TemplateExpression
      ? [node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join('')
      : node.text
  return / /.test(own) && /[a-z]{2}/.test(own)
}

/** Its words are all filled in. */
const takesSample = (node: Syntax, samples: Samples): boolean =>
  node.kind === SyntaxKind.TemplateExpression &&
  node.templateSpans.some(({ expression }) => expression.getText() in samples)

/** What a schema says of itself for those who write files. */
const isDescription = (node: Syntax): boolean =>
  node.kind === SyntaxKind.CallExpression && node.expression.getText().endsWith('.describe')

/** Names of columns and words of one kind: several plain texts in one list. */
const isVocabulary = (node: Syntax): boolean =>
  node.kind === SyntaxKind.ArrayLiteralExpression &&
  node.elements.length > 1 &&
  node.elements.every(({ kind }) => kind === SyntaxKind.StringLiteral)

/** Types, imports, names of fields and cases, comparisons, descriptions of schemas, and lists of words in one text. */
const saysNothing = (node: Syntax): boolean => {
  switch (node.kind) {
    case SyntaxKind.ImportDeclaration:
    case SyntaxKind.ExportDeclaration:
    case SyntaxKind.LiteralType:
    case SyntaxKind.TemplateLiteralType:
    case SyntaxKind.RegularExpressionLiteral:
      return true
    case SyntaxKind.StringLiteral: {
      const { parent } = node
      if (!parent) return false
      const isName = parent.kind === SyntaxKind.PropertyAssignment && parent.name === node
      return isName || parent.kind === SyntaxKind.CaseClause || isComparison(parent)
    }
    case SyntaxKind.CallExpression: {
      const called = node.expression.getText()
      return /\.(split|includes|startsWith|endsWith|test|has|indexOf)$/.test(called) && !called.includes('(')
    }
    case SyntaxKind.ArrayLiteralExpression:
      return isVocabulary(node)
    default:
      return false
  }
}

const isComparison = (node: Syntax): boolean =>
  node.kind === SyntaxKind.BinaryExpression &&
  [SyntaxKind.EqualsEqualsEqualsToken, SyntaxKind.ExclamationEqualsEqualsToken].includes(node.operatorToken.kind)

/** The whole that a part stands in: a template in a template, both ways of a choice. */
const wholeOf = (node: Syntax): Syntax => {
  let whole = node
  for (let at = node.parent; at; at = at.parent) {
    const { kind } = at
    if (kind === SyntaxKind.TemplateExpression) whole = at
    else if (kind === SyntaxKind.BinaryExpression) {
      if (at.operatorToken.kind !== SyntaxKind.PlusToken) break
      whole = at
    } else if (
      kind !== SyntaxKind.TemplateSpan &&
      kind !== SyntaxKind.ConditionalExpression &&
      kind !== SyntaxKind.ParenthesizedExpression
    )
      break
  }
  return whole
}

type Known = ReadonlyMap<string, readonly string[]>

/** What an expression can say. */
const waysIn = ({ checker }: Project, samples: Samples) => {
  const product = (parts: readonly (readonly string[])[]): readonly string[] =>
    parts.reduce((all, part) => all.flatMap((a) => part.map((b) => a + b)).slice(0, maxWays), [''])

  const ways = (node: Syntax, known: Known, depth = 0): readonly string[] => {
    const of = (child: Syntax) => ways(child, known, depth)
    const given = isText(node) ? undefined : samples[node.getText()]
    if (given) return given
    switch (node.kind) {
      case SyntaxKind.StringLiteral:
      case SyntaxKind.NoSubstitutionTemplateLiteral:
        return [node.text]
      case SyntaxKind.TemplateExpression: {
        return product([
          [node.head.text],
          ...node.templateSpans.flatMap((span) => [of(span.expression), [span.literal.text]]),
        ])
      }
      case SyntaxKind.ParenthesizedExpression:
      case SyntaxKind.AsExpression:
      case SyntaxKind.NonNullExpression:
        return of(node.expression)
      case SyntaxKind.ConditionalExpression:
        return [...of(node.whenTrue), ...of(node.whenFalse)]
      case SyntaxKind.BinaryExpression: {
        const operator = node.operatorToken.kind as SyntaxKind
        if (operator === SyntaxKind.PlusToken && !isNumber(node, checker))
          return product([of(node.left), of(node.right)])
        const either = [SyntaxKind.QuestionQuestionToken, SyntaxKind.BarBarToken]
        if (either.includes(operator)) return [...of(node.left), ...of(node.right)]
        return operator === SyntaxKind.AmpersandAmpersandToken ? ['', ...of(node.right)] : byType(node, checker)
      }
      case SyntaxKind.Identifier:
        if (node.getText() === 'undefined') return []
        return (
          known.get(node.getText()) ?? (depth < 5 ? declared(node, known, depth) : undefined) ?? byType(node, checker)
        )
      case SyntaxKind.CallExpression:
        return called(node, known, depth)
      default:
        return byType(node, checker)
    }
  }

  const called = (node: Syntax, known: Known, depth: number): readonly string[] => {
    const name = node.expression.getText()
    const args = node.arguments
    if (name === 'JSON.stringify') return [`"${sample.text}"`]
    if (name.endsWith('.join')) return [sample.list]
    if (name.endsWith('.toLocaleString')) return ['7,531']
    if (name.endsWith('.filter') || name.endsWith('.map')) return [sample.list]
    if (name === 'plural') {
      const [one = '', many = `${one}s`] = args.slice(1).flatMap((word) => ways(word, known, depth))
      return [`1 ${one}`, `7 ${many}`]
    }
    if (name === 'didYouMean') return ['', ': did you mean Alpha?', ': did you mean Alpha or Beta?']
    const made = depth < 5 ? declared(node.expression, known, depth, args) : undefined
    return made ?? byType(node, checker)
  }

  /** What a constant holds, or a function gives back: undefined where that is not in words. */
  const declared = (
    node: Syntax,
    known: Known,
    depth: number,
    args?: readonly Syntax[],
  ): readonly string[] | undefined => {
    if (node.kind !== SyntaxKind.Identifier) return undefined
    const symbol = checker.getSymbolAtLocation(node as unknown as Node)
    const isAlias = symbol && (symbol.flags & SymbolFlags.Alias) !== 0
    const named = isAlias ? checker.getAliasedSymbol(symbol) : symbol
    const { initializer } = (named?.valueDeclaration?.resolve() ?? {}) as unknown as Partial<Syntax>
    if (!initializer) return undefined
    const isFunction = initializer.kind === SyntaxKind.ArrowFunction
    if (isFunction !== (args !== undefined)) return undefined
    const isWritten =
      initializer.kind === SyntaxKind.CallExpression && initializer.expression.getText() === 'JSON.stringify'
    if (!args) return isWritten || hasText(initializer) ? ways(initializer, known, depth + 1) : undefined
    const parameters = initializer.parameters
    const given = new Map(
      parameters.map((one, at) => {
        const arg = args[at]
        return [one.name.getText(), arg ? ways(arg, known, depth + 1) : ['']] as const
      }),
    )
    const returned = returnedBy(initializer.body)
    return returned.some(hasText) ? returned.flatMap((one) => ways(one, given, depth + 1)) : undefined
  }
  return ways
}

const hasText = (node: Syntax): boolean => {
  if (isText(node)) return true
  if (node.kind === SyntaxKind.ArrowFunction || node.kind === SyntaxKind.ObjectLiteralExpression) return false
  let found = false
  node.forEachChild((child) => {
    found ||= hasText(child)
  })
  return found
}

const returnedBy = (body: Syntax): readonly Syntax[] => {
  if (body.kind !== SyntaxKind.Block) return [body]
  const found: Syntax[] = []
  const visit = (node: Syntax): void => {
    if (node.kind === SyntaxKind.ArrowFunction) return
    if (node.kind === SyntaxKind.ReturnStatement && node.expression) found.push(node.expression)
    node.forEachChild(visit)
  }
  visit(body)
  return found
}

/** Words of a closed list as they are, else a sample. */
const byType = (node: Syntax, checker: Checker): readonly string[] => {
  const type = checker.getTypeAtLocation(node as unknown as Node)
  return type ? samplesOf(type) : [sample.text]
}

const isNumber = (node: Syntax, checker: Checker): boolean =>
  ((checker.getTypeAtLocation(node as unknown as Node)?.flags ?? 0) & TypeFlags.NumberLike) !== 0

const maxMembers = 12

const samplesOf = (type: Type): readonly string[] => {
  if (type.isStringLiteralType() || type.isNumberLiteralType()) return [String(type.value)]
  if (type.isUnionType()) {
    const members = type.getTypes().filter(({ flags }) => !(flags & TypeFlags.Undefined))
    return members.length > maxMembers ? [sample.text] : members.flatMap(samplesOf)
  }
  return (type.flags & TypeFlags.Number) !== 0 ? [sample.number] : [sample.text]
}

/** Of commands, columns, frameworks and values, which are written as they are. */
const properNames =
  /^(vigie|recipients update|id account time|Meta Online|Online Operations|Operations Kill|coordination network|Invalid PDF|détournement de mot|événement hors ligne|almost no chance|Coordinating and planning)/

/** Three words in a row that both have: what our own words should have become. */
export const leftInEnglish = (english: string, french: string): readonly string[] => {
  const rows = (text: string) => {
    const words = text.match(/[\p{L}’']+|[^\p{L}\s]+/gu) ?? []
    return words.map((_, at) => words.slice(at, at + 3)).filter((three) => three.length === 3 && three.every(isWord))
  }
  const known = new Set(rows(french).map((three) => three.join(' ')))
  return rows(english)
    .map((three) => three.join(' '))
    .filter((three) => known.has(three) && !properNames.test(three))
}

const isWord = (text: string): boolean => /^\p{L}/u.test(text)
