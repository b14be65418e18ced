package procedure

// DatabaseSuffix ends the name of every database.
const DatabaseSuffix = ".db"

// SADatabase is the folder of the SA database.
const SADatabase = "sa" + DatabaseSuffix
