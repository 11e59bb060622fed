/*
 * cli_import - identityd user import: the console's import of a CSV file, on
 * the command line.
 */
#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H

int	cli_import(int argc, char **argv);

#endif
