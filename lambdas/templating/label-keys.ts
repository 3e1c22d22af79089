import Handlebars from 'handlebars'
import { messageOf } from '../domain/core/text/thrown.ts'

/** @param checkLabel throws if a key has no label */
export const labelKeysChecked = (checkLabel: (key: string) => void): ((program: hbs.AST.Program) => void) => {
  class Finder extends Handlebars.Visitor {
    override MustacheStatement(statement: hbs.AST.MustacheStatement): void {
      checkKey(statement, checkLabel)
      super.MustacheStatement(statement)
    }
    override SubExpression(expression: hbs.AST.SubExpression): void {
      checkKey(expression, checkLabel)
      super.SubExpression(expression)
    }
  }
  return (program) => new Finder().accept(program)
}

const checkKey = (
  { path, params, loc }: hbs.AST.MustacheStatement | hbs.AST.SubExpression,
  checkLabel: (key: string) => void,
): void => {
  if (!('original' in path) || path.original !== 't') return
  const [key] = params
  try {
    if (!key || !isString(key)) throw new Error('t takes a key in quotes')
    checkLabel(key.value)
  } catch (cause) {
    throw new Error(`line ${loc.start.line}, column ${loc.start.column}: ${messageOf(cause)}`, { cause })
  }
}

const isString = (node: hbs.AST.Expression): node is hbs.AST.StringLiteral => node.type === 'StringLiteral'
