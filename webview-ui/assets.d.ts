/** What esbuild lets a page import beside code: a style sheet becomes part of the page's own `.css`. */
declare module '*.css';
