/** JSON Schema (draft 2020-12) of a TypeScript type, so that the type stays the one source of what a file holds. */
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import {
  API,
  type Checker,
  type Project,
  type Symbol as TypeSymbol,
  SymbolFlags,
  type Type,
  TypeFlags,
} from 'typescript/unstable/sync'

type JsonSchema = { readonly [keyword: string]: unknown }

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * The schema of an exported type; types with a name of their own become `$defs`, comments become descriptions.
 * @throws where the file, the type, or a JSON form of something in it does not exist
 */
export const schemaOfType = (file: string, name: string): JsonSchema =>
  inProject((project) => {
    const { checker } = project
    const symbol = exportedType(project, file, name)
    const definitions = new Map<string, JsonSchema>()
    const schema = writerFor(checker, definitions).body(checker.getDeclaredTypeOfSymbol(symbol), name)
    return { ...headOf(symbol, checker), ...schema, $defs: sorted(definitions) }
  })

/**
 * A document of one schema for each member of an exported type, under the member's name with hyphens between its words;
 * a value holds that is one of them.
 * @throws as {@link schemaOfType}
 */
export const schemaOfMembers = (file: string, name: string): JsonSchema =>
  inProject((project) => {
    const { checker } = project
    const symbol = exportedType(project, file, name)
    const definitions = new Map<string, JsonSchema>()
    const { property } = writerFor(checker, definitions)
    const members = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
    const schemas = members.map(
      (member) => [member.name.replaceAll(' ', '-'), property(member, member.name).own] as const,
    )
    return {
      ...headOf(symbol, checker),
      anyOf: schemas.map(([key]) => ({ $ref: `#/$defs/${key}` })),
      $defs: { ...Object.fromEntries(schemas), ...sorted(definitions) },
    }
  })

const inProject = <Done>(work: (project: Project) => Done): Done => {
  const api = new API({ cwd: root })
  try {
    const snapshot = api.updateSnapshot({ openProjects: [`${root}tsconfig.json`] })
    const project = snapshot.getProject(`${root}tsconfig.json`)
    if (!project) throw new Error(`${root}tsconfig.json is no project: is TypeScript another version?`)
    return work(project)
  } finally {
    api.close()
  }
}

const exportedType = ({ checker, program }: Project, file: string, name: string): TypeSymbol => {
  const source = program.getSourceFile(`${root}${file}`)
  const module = source && checker.getSymbolAtLocation(source)
  const symbol = module && checker.getExportsOfModule(module).find((one) => one.name === name)
  if (!symbol) throw new Error(`${file} exports no type ${name}`)
  return symbol
}

const headOf = (symbol: TypeSymbol, checker: Checker): JsonSchema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: symbol.name,
  ...described(symbol.getDocumentationComment(checker)),
})

const sorted = (definitions: ReadonlyMap<string, JsonSchema>): JsonSchema =>
  Object.fromEntries([...definitions].sort(([a], [b]) => (a < b ? -1 : 1)))

const writerFor = (checker: Checker, definitions: Map<string, JsonSchema>) => {
  /** The name under which a type stands in `$defs`, by the type's id; two types of one name get a number. */
  const names = new Map<number, string>()

  const schemaOf = (type: Type, path: string): JsonSchema => {
    const alias = type.getAliasSymbol()
    // Printed as its text (bin/cli/run.ts).
    if (alias?.name === 'Fault' || alias?.name === 'Reason') return { type: 'string' }
    // A number for JSON (domain/core/figures.ts).
    if (alias?.name === 'Count') return { type: 'number' }
    if (!alias || type.getAliasTypeArguments().length > 0 || !isCompound(type)) return body(type, path)
    const known = names.get(type.id)
    if (known) return { $ref: `#/$defs/${known}` }
    const taken = [...names.values()]
    const free = [alias.name, ...Array.from({ length: 99 }, (_, at) => `${alias.name}${at + 2}`)]
    const name = free.find((one) => !taken.includes(one)) ?? alias.name
    names.set(type.id, name)
    definitions.set(name, {}) // its place, for what refers to itself
    definitions.set(name, { ...described(alias.getDocumentationComment(checker)), ...body(type, name) })
    return { $ref: `#/$defs/${name}` }
  }

  const body = (type: Type, path: string): JsonSchema => {
    const { flags } = type
    if (flags & TypeFlags.Null) return { type: 'null' }
    if (flags & TypeFlags.String) return { type: 'string' }
    if (flags & TypeFlags.TemplateLiteral) return { type: 'string' }
    if (flags & TypeFlags.Number) return { type: 'number' }
    if (flags & TypeFlags.Boolean) return { type: 'boolean' }
    if (flags & TypeFlags.Unknown) return {}
    if (flags & TypeFlags.BooleanLiteral) return { const: checker.typeToString(type) === 'true' }
    if (type.isStringLiteralType() || type.isNumberLiteralType()) return { const: type.value }
    if (type.isUnionType()) return union(type.getTypes(), path)
    if (checker.isTupleType(type)) {
      const items = checker.getTypeArguments(type as never)
      return {
        type: 'array',
        prefixItems: items.map((item, at) => schemaOf(item, `${path}[${at}]`)),
        minItems: items.length,
        maxItems: items.length,
      }
    }
    if (checker.isArrayLikeType(type)) {
      const [item] = checker.getTypeArguments(type as never)
      return { type: 'array', items: item ? schemaOf(item, `${path}[]`) : {} }
    }
    // What is gone through as a list is written as one (domain/aggregate/counting/many.ts).
    const [one] = type.getAliasTypeArguments()
    if (type.getAliasSymbol()?.name === 'Many' && one) return { type: 'array', items: schemaOf(one, `${path}[]`) }
    if (flags & (TypeFlags.Object | TypeFlags.Intersection)) return object(type, path)
    throw new Error(`${path} has no JSON form: ${checker.typeToString(type)}`)
  }

  const union = (all: readonly Type[], path: string): JsonSchema => {
    const types = all.filter(({ flags }) => !(flags & TypeFlags.Undefined))
    const schemas = types.map((type) => schemaOf(type, path))
    const booleans = schemas.filter((one) => typeof one.const === 'boolean')
    const literals = schemas.filter((one) => 'const' in one && typeof one.const !== 'boolean')
    const others = schemas.filter(
      (one, at) => !('const' in one) && schemas.findIndex((other) => isDeepStrictEqual(one, other)) === at,
    )
    const parts: JsonSchema[] = [
      ...(literals.length > 1 ? [{ enum: literals.map((one) => one.const).sort() }] : literals),
      ...(booleans.length > 1 ? [{ type: 'boolean' }] : booleans),
      ...others,
    ]
    return parts.length === 1 ? (parts[0] ?? {}) : { anyOf: parts }
  }

  const property = (symbol: TypeSymbol, path: string) => {
    const of = checker.getTypeOfSymbol(symbol)
    if (!of) throw new Error(`${path} has no type`)
    // JSON leaves out what is undefined.
    const isOptional = (symbol.flags & SymbolFlags.Optional) !== 0 || mayBeUndefined(of)
    return {
      name: symbol.name,
      isOptional,
      own: { ...described(symbol.getDocumentationComment(checker)), ...schemaOf(of, path) },
    }
  }

  const object = (type: Type, path: string): JsonSchema => {
    const properties = checker
      .getPropertiesOfType(type)
      .filter((symbol) => !isNeverThere(checker.getTypeOfSymbol(symbol)))
      .map((symbol) => property(symbol, `${path}.${symbol.name}`))
    const [index] = checker.getIndexInfosOfType(type)
    return {
      type: 'object',
      ...(properties.length > 0 && { properties: Object.fromEntries(properties.map(({ name, own }) => [name, own])) }),
      ...(properties.some(({ isOptional }) => !isOptional) && {
        required: properties.flatMap(({ name, isOptional }) => (isOptional ? [] : [name])),
      }),
      additionalProperties: index ? schemaOf(index.valueType, `${path}[]`) : false,
    }
  }

  return { body, property }
}

/** A field that a type forbids is none of what is written. */
const isNeverThere = (type: Type | undefined): boolean =>
  type !== undefined && (type.flags & (TypeFlags.Undefined | TypeFlags.Never)) !== 0

const mayBeUndefined = (type: Type): boolean =>
  type.isUnionType() && type.getTypes().some(({ flags }) => (flags & TypeFlags.Undefined) !== 0)

/** Worth a name of its own. */
const isCompound = ({ flags }: Type): boolean =>
  (flags & (TypeFlags.Object | TypeFlags.Union | TypeFlags.Intersection)) !== 0

/** A paragraph is one line, wherever its comment is wrapped. */
const described = (comment: string): JsonSchema => {
  const text = comment
    .replace(/\{@link (\w+)\}/g, '$1')
    .replace(/(?<!\n)\n(?!\n|- )/g, ' ')
    .trim()
  return text ? { description: text } : {}
}
