/** The lines of a document: their table, and the stock beside them. */
import './line-grid.js';
import './line-stock.js';
