/** Strict Handlebars for pages and mails: an unknown name or helper is an error. */
import Handlebars from 'handlebars'
import { messageOf } from '../domain/core/text/thrown.ts'

/** A template is invalid or names a missing value. The message has the file and line. */
export class TemplateError extends Error {
  override name = 'TemplateError'
}

type StrictTemplates = {
  /** @throws TemplateError if the template is invalid, calls an unknown helper or prints unescaped text */
  compile(file: string, text: string): Handlebars.TemplateDelegate
  partial(name: string, template: Handlebars.TemplateDelegate): void
}

type StrictOptions = {
  /** Disables escaping, for output that no program parses as HTML. */
  readonly plainText?: boolean
  /** Compiles each template at first use, and reports errors only then. For processes that use few templates. */
  readonly lazily?: boolean
  /** Checks a parsed template. @throws if it is wrong */
  readonly check?: (program: hbs.AST.Program) => void
}

export const strictTemplates = (
  helpers: Readonly<Record<string, Handlebars.HelperDelegate>> = {},
  { plainText = false, lazily = false, check }: StrictOptions = {},
): StrictTemplates => {
  const handlebars = Handlebars.create()
  handlebars.registerHelper(helpers)
  const options = {
    strict: true,
    knownHelpersOnly: true,
    knownHelpers: Object.fromEntries(Object.keys(helpers).map((name) => [name, true])),
    preventIndent: true,
    noEscape: plainText,
  }
  const compiled = (text: string): Handlebars.TemplateDelegate => {
    const program = Handlebars.parse(text)
    refuseRaw(program)
    check?.(program)
    // Handlebars compiles at first use; precompiling finds errors now.
    if (!lazily) handlebars.precompile(program, options)
    return handlebars.compile(program, options)
  }
  return {
    compile: (file, text) => {
      let template = lazily ? undefined : naming(file, () => compiled(text))
      return (context, given) =>
        naming(file, () => {
          const known = (template ??= compiled(text))
          return namingPath(text, () => known(context, given))
        })
    },
    partial: (name, template) => handlebars.registerPartial(name, template),
  }
}

const naming = <Done>(file: string, work: () => Done): Done => {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof TemplateError) throw cause
    throw new TemplateError(`${file}: ${messageOf(cause)}`, { cause })
  }
}

/** Handlebars names only the last part of a path that is not defined. */
const namingPath = (text: string, render: () => string): string => {
  try {
    return render()
  } catch (cause) {
    if (!(cause instanceof Handlebars.Exception)) throw cause
    const { lineNumber: line, column } = cause
    const path = pathAt(Handlebars.parse(text), line, column)
    if (path === undefined) throw cause
    throw new Error(`line ${line}, column ${column}: ${JSON.stringify(path)} is not defined`, { cause })
  }
}

const pathAt = (program: hbs.AST.Program, line: number | undefined, column: number | undefined): string | undefined => {
  let found: string | undefined
  class Finder extends Handlebars.Visitor {
    override PathExpression({ original, loc: { start } }: hbs.AST.PathExpression): void {
      if (start.line === line && start.column === column) found = original
    }
  }
  new Finder().accept(program)
  return found
}

/** Detection text is hostile: a template must not print it unescaped. */
const refuseRaw = (program: hbs.AST.Program): void => {
  class Finder extends Handlebars.Visitor {
    override MustacheStatement(statement: hbs.AST.MustacheStatement): void {
      if (!statement.escaped) {
        const { line, column } = statement.loc.start
        throw new Error(`line ${line}, column ${column} prints unescaped text with {{{ or {{&: use {{ }}`)
      }
      super.MustacheStatement(statement)
    }
  }
  new Finder().accept(program)
}
