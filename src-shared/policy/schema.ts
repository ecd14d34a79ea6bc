export interface Policy { readonly name: string }
