/**
 * Handlebars at its strictest, for pages and mails: what a template names must be there, what it calls must be known.
 */
import Handlebars from 'handlebars'
import { messageOf } from '../domain/core/text/thrown.ts'

/** A template that cannot be read, replaces none, or names what its value does not have: with its file and line. */
export class TemplateError extends Error {
  override name = 'TemplateError'
}

type StrictTemplates = {
  /** @throws TemplateError where the text is no template, calls what is unknown, or prints unescaped. */
  compile(file: string, text: string): Handlebars.TemplateDelegate
  partial(name: string, template: Handlebars.TemplateDelegate): void
}

type StrictOptions = {
  /** For what no program reads as HTML: there nothing is to be escaped. */
  readonly plainText?: boolean
  /** Each is read at its first use, and what is wrong with it told then: for many of which a process uses few. */
  readonly lazily?: boolean
  /** Checks a template when it is read. @throws where it is wrong */
  readonly check?: (program: hbs.AST.Program) => void
}

/** What the helpers promise is all that a template may call, and what a value has is all that it may name. */
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
    // What Handlebars compiles waits for its first use; what is wrong must not.
    if (!lazily) handlebars.precompile(program, options)
    return handlebars.compile(program, options)
  }
  return {
    compile: (file, text) => {
      let template = lazily ? undefined : naming(file, () => compiled(text))
      return (context, given) =>
        naming(file, () => {
          template ??= compiled(text)
          return template(context, given)
        })
    },
    partial: (name, template) => handlebars.registerPartial(name, template),
  }
}

/** Does the work, and puts the file before whatever it says is wrong. */
const naming = <Done>(file: string, work: () => Done): Done => {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof TemplateError) throw cause
    throw new TemplateError(`${file}: ${messageOf(cause)}`, { cause })
  }
}

/** Detection text is hostile: a template prints nothing unescaped. */
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
